"""`visavis doctor`: what of this machine and this configuration would trouble the relay.

Each module examines one concern: it gathers facts of the machine and judges them, apart, so that
every verdict can be tested without a machine that is ill. Changes nothing. Called by
`signalling.__main__`.
"""
