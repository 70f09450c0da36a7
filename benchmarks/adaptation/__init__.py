"""How well the relay adapts: its estimator in virtual time, links emulated over real sockets."""
