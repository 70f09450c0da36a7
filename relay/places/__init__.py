"""Rooms with people in them, and what is kept there for each participant.

A place outlives sockets and legs: its leg, what it has still to be told, how well its media
travels. Starts no task. Filled and read by the packages that act on rooms.
"""
