"""A real call over an emulated link: through the relay, and beside it between two browsers."""
