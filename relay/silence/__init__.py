"""Whether what somebody publishes arrives where it should, and what to try where it does not.

Pure: figures and the time are arguments. `relay.monitoring.silences` brings them and carries out
the rest.
"""
