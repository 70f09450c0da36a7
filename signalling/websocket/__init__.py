"""The WebSocket of the SDK: one connection, one seat, one table of states."""
