"""The pure model of a room: who is in it, what they publish, who receives what.

No clock, no randomness, no I/O, no tasks: times and identifiers are arguments. Called by
`relay.seats.seat`, `relay.routing.bindings` and `relay.service`, which carry its decisions out.
"""
