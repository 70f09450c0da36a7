"""How well the relay adapts: the estimator in virtual time, and links over real sockets."""
