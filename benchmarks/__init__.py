"""Measurements of the relay, each one command: `python -m benchmarks.NAME`, or `make bench-NAME`.

Every measurement writes `results/NAME.json` and a report beside it. The programs that send and
receive are Rust (`codecs/loadgen`); this package sets them up, reads what they found and judges it.
"""
