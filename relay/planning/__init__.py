"""From consultations a week to machines: the load model, computed.

Pure: no clock, no file, no network. `signalling.plan` is its command line; `benchmarks.planner`
holds it against published figures and a simulation; docs/planning.md explains it.
"""
