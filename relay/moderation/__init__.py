"""What moderators and the embedder's backend command, carried out.

Rights and the model are `relay.rooms.moderation`; this ends legs, changes routes, moves people to
other rooms and tells everybody. Made by `relay.service`; starts no task.
"""
