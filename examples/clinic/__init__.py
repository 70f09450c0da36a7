"""A small clinic: its own accounts, appointments and pages, with the relay as its media backend.

It knows the relay by its HTTP API, its webhooks and its browser SDK, and by nothing else. README.md
says where to begin to read.
"""
