"""What `relay.layers` decides, carried out: what slots send, what publishers are asked for.

Decides nothing itself and starts no task. Driven by `relay.service`, through `adapting.Adapting`.
"""
