"""Credentials for TURN that end by themselves (draft-uberti-behave-turn-rest-00 §2.2).

Pure. The server computes the same from the name and the secret (coturn: `use-auth-secret`), so it
needs no list of users, and the relay no word with it. Called by `signalling.turn.servers`.
"""

from __future__ import annotations

import base64
import hmac


def credential(holder: str, *, secret: str, expires_unix_s: int) -> tuple[str, str]:
    """Give a name and a password.

    Args:
        holder: Whose they are, as the server counts allocations; its log shows it, beside an
            address, so it is an id that nothing else knows.
        secret: What is shared with the server.
        expires_unix_s: Until when they open an allocation; what is open by then goes on.

    """
    name = f"{expires_unix_s}:{holder}"
    # SHA-1 is what every server computes; as a MAC it is not broken (RFC 6194).
    proof = hmac.digest(secret.encode("ascii"), name.encode("ascii"), "sha1")
    return name, base64.b64encode(proof).decode("ascii")
