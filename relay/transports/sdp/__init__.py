"""Offers read, judged and answered; a parser and an answerer of our own.

`parse_offer_untrusted` → `negotiate` → `write_answer`. All pure, and total on hostile input.
"""

from relay.transports.sdp.answer import Candidate, SlotPlan, write_answer
from relay.transports.sdp.codecs import Codec, CodecPolicy, agree
from relay.transports.sdp.directions import Direction
from relay.transports.sdp.extensions import Extension
from relay.transports.sdp.negotiate import Negotiated, NegotiatedMedia, negotiate, prefer
from relay.transports.sdp.offer import Fingerprint, MediaOffer, Offer, parse_offer_untrusted
from relay.transports.sdp.redundancy import REDUNDANT

__all__ = [
    "REDUNDANT",
    "Candidate",
    "Codec",
    "CodecPolicy",
    "Direction",
    "Extension",
    "Fingerprint",
    "MediaOffer",
    "Negotiated",
    "NegotiatedMedia",
    "Offer",
    "SlotPlan",
    "agree",
    "negotiate",
    "parse_offer_untrusted",
    "prefer",
    "write_answer",
]
