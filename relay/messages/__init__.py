"""Data messages between participants: read, addressed, paced, and held for whoever is away.

Pure: times are arguments. `relay.routing.conversation` sends them on their way.
"""
