"""How much each receiver's path carries: the compiled estimator, for simulations of links.

Pure: no clock, no I/O; the time is an argument. What is estimated, and why so, is written in
`codecs/congestion`, a file for each concern. `estimator.Estimator` is the only door.
"""
