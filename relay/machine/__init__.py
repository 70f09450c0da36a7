"""What a relay asks of the machine it runs on: addresses, socket buffers, a port to listen on.

Called at the start by `relay.service`, and by `visavis doctor`.
"""
