"""TURN servers of the operator's own: their addresses, and credentials for them that soon end.

The relay asks no TURN server anything; it shares a secret with them.
"""
