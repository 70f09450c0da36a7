"""Who receives what: tracks on slots, pictures, every flow of a room, data messages.

Reads places and tells legs what to carry; starts no task. Called after anything that may change
who receives what, by `relay.seats`, `relay.adaptation`, `relay.monitoring` and `relay.moderation`.
"""
