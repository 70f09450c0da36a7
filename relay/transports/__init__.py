"""aiortc at arm's length: DTLS, data channels, and the session descriptions that set them up.

The only package that imports aiortc. RTP and RTCP never come here: the engine keeps them.
"""
