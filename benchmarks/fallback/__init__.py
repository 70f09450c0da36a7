"""Calls through networks that hold UDP back, from the beginning or from the middle of a call on."""
