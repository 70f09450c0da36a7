"""What the relay tells a platform by itself: signed, in order, and again until it is heard.

`signalling.consultations` says what happens; `payload` writes it, `outbox` keeps it, `sender` sends
it. Nobody who joins or talks waits for any of it.
"""
