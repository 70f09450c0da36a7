"""A participant's way through a room: they join, offer, are connected, come back, leave.

`seating.Seating` keeps the open rooms, `seat.Seat` is what signalling holds. Starts the sessions
of `relay.session`, and no other task.
"""
