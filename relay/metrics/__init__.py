"""Every metric of the relay, in one table, and how it reaches Prometheus.

`table` names them, `tally` counts what Python does, `engine_counters` translates what the engine
counts, `collector` puts all of it into the exposition, `documentation` writes docs/metrics.md.
Base units, and never a room, a person or an address in a label.
"""
