"""The clinic's pages and what browsers and the relay send to it."""
