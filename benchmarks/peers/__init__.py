"""The relay beside Janus, on one core, with the same generator and the same protection.

`python -m benchmarks.peers`.
"""
