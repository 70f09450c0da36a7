"""One participant's transport: its m-lines, its credentials, and what carries it.

A leg does what it is told; who receives what is decided above. Called by `relay.routing` and
`relay.seats`; `relay.session` runs one leg from its handshake to its end.
"""
