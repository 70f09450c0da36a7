"""Tokens: who may take a seat, where, and what they may do there.

A token is a JWT signed with a signing key by the embedding backend. It is checked offline: one
dictionary look-up, one signature, then our own strict reading of the claims with a clock that is
given. Every refusal is one of two constant errors, so a stranger learns nothing from trying; the
reason goes to a counter and a log line as a word of `Reason`. Called by `websocket`, `__main__`.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import jwt
import msgspec
from msgspec import Meta, Struct

from relay.errors import InvalidRequest, NotAuthenticated, TokenExpired
from relay.ids import RoomId
from relay.rooms.permissions import Arrival, Grant, Right, Role, Source
from relay.rooms.settings import Priority
from signalling.issuers import IssuerClocks
from signalling.keys import Key, KeyRing
from signalling.untrusted_json import parse_untrusted

AUDIENCE = "visavis"
MAX_TOKEN_BYTES = 4_096  # ours are about 600; every URL fragment carries this
LEEWAY_S = 60  # clocks of a backend and a relay differ; the same minute as LiveKit's
MAX_LIFETIME_S = 24 * 3_600  # a leaked token stops being useful within a day
MAX_IDENTITY_CHARS = 128
ROOM_NAME = r"^[A-Za-z0-9_.-]{1,128}\Z"
RoomName = Annotated[str, Meta(pattern=ROOM_NAME)]
MAX_MOVE_TO = 16  # a practice's consulting rooms; a token has to fit a link
MAX_LABEL_CHARS = 64  # an hour and a few words
DEFAULT_TTL_S = 600  # long enough to open a link; a seat survives its token


class Reason(StrEnum):
    """Why a token was refused: for the operator, never for the caller."""

    TOO_LARGE = "too_large"
    NOT_A_TOKEN = "not_a_token"  # noqa: S105 - a word of the vocabulary
    CRITICAL_EXTENSION = "critical_extension"
    UNKNOWN_KEY = "unknown_key"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_CLAIMS = "wrong_claims"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    NOT_YET_VALID = "not_yet_valid"
    LIVES_TOO_LONG = "lives_too_long"
    EXPIRED = "expired"


class TokenRefused(Exception):  # noqa: N818 - it carries the answer, which is the error
    """A token is not accepted; its bearer is told `answer`, the operator sees `reason`."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        self.answer = TokenExpired() if reason is Reason.EXPIRED else NotAuthenticated()
        super().__init__(reason.value)


class GrantClaims(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What the bearer may do; what is not said is not allowed."""

    publish: tuple[Source, ...] = ()
    subscribe: bool = False
    data: bool = False
    open_room: bool = False
    rights: tuple[Right, ...] = ()
    move_to: Annotated[tuple[RoomName, ...], Meta(max_length=MAX_MOVE_TO)] = ()
    """The rooms to which the bearer may take others."""
    waits: bool = False
    """Whether the bearer waits to be admitted, also where the room has no waiting room."""
    priority: Priority = Priority.NORMAL


class Claims(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The payload of a token; claims of others are ignored (RFC 7519 §4)."""

    iss: str
    aud: str | list[str]
    sub: Annotated[str, Meta(min_length=1, max_length=MAX_IDENTITY_CHARS)]
    room: RoomName
    role: Role
    grants: GrantClaims
    exp: int | float
    nbf: int | float
    jti: Annotated[str, Meta(min_length=1, max_length=128)]
    iat: int | float | None = None
    """When it was issued; where it is left out, when it begins to be valid."""
    label: Annotated[str, Meta(max_length=MAX_LABEL_CHARS)] = ""
    """What those who may admit read beside the bearer's place: plain text, no name needed."""
    once: bool = False
    """Whether it is good for the page alone that joins with it first: a link to be sent."""
    url: Annotated[str, Meta(max_length=2_048)] | None = None


class _Header(Struct, frozen=True):
    """The header, before anything in it is believed."""

    kid: str
    alg: str


@dataclass(frozen=True)
class Invitation:
    """What a new token shall say."""

    grant: Grant
    url: str
    """The WebSocket address of the relay, so that an SDK needs the token only."""
    ttl_s: int = DEFAULT_TTL_S


def verify_untrusted(
    token: str, keys: KeyRing, now_unix_s: float, clocks: IssuerClocks | None = None
) -> Grant:
    """Check a token and say what it grants.

    Args:
        token: What the stranger sent.
        keys: The ring; the token's key id is looked up here and nowhere else.
        now_unix_s: Wall-clock time.
        clocks: Whose clocks are ahead, as far as has been seen; `None` has seen nothing.

    Raises:
        TokenRefused: With a constant answer for the caller.

    """
    key = _key_untrusted(token, keys)
    try:
        payload = _JWS.decode(token, key.material, algorithms=[key.algorithm])
    except jwt.InvalidAlgorithmError as error:
        raise TokenRefused(Reason.WRONG_ALGORITHM) from error
    except jwt.InvalidSignatureError as error:
        raise TokenRefused(Reason.WRONG_SIGNATURE) from error
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenRefused(Reason.NOT_A_TOKEN) from error
    claims = _claims_untrusted(payload)
    _check(claims, key, now_unix_s)
    return Grant(
        room=RoomId(claims.room),
        identity=claims.sub,
        role=claims.role,
        publish=frozenset(claims.grants.publish),
        subscribe=claims.grants.subscribe,
        data=claims.grants.data,
        open_room=claims.grants.open_room,
        rights=frozenset(claims.grants.rights),
        move_to=frozenset(map(RoomId, claims.grants.move_to)),
        arrival=Arrival(
            waits=claims.grants.waits,
            priority=claims.grants.priority,
            label=claims.label,
            age_s=_age_s(claims, now_unix_s, clocks or IssuerClocks()),
            token=claims.jti,
            once=claims.once,
        ),
    )


def mint(invitation: Invitation, key: Key, now_unix_s: float) -> str:
    """Sign a token.

    Args:
        invitation: What it says.
        key: A key with a secret; a public key cannot sign.
        now_unix_s: Wall-clock time.

    """
    assert isinstance(key.material, bytes), "a public key cannot sign"
    grant = invitation.grant
    claims = Claims(
        iss=key.id,
        aud=AUDIENCE,
        sub=grant.identity,
        room=grant.room,
        role=grant.role,
        grants=GrantClaims(
            publish=tuple(sorted(grant.publish)),
            subscribe=grant.subscribe,
            data=grant.data,
            open_room=grant.open_room,
            rights=tuple(sorted(grant.rights)),
            move_to=tuple(sorted(grant.move_to)),
            waits=grant.arrival.waits,
            priority=grant.arrival.priority,
        ),
        label=grant.arrival.label,
        once=grant.arrival.once,
        iat=round(now_unix_s, 3),
        nbf=int(now_unix_s),
        exp=int(now_unix_s) + invitation.ttl_s,
        jti=secrets.token_urlsafe(16),
        url=invitation.url,
    )
    payload = msgspec.json.encode(claims)
    return _JWS.encode(payload, key.material, algorithm=key.algorithm, headers={"kid": key.id})


def _key_untrusted(token: str, keys: KeyRing) -> Key:
    """Find the key a token names, reading its header strictly before PyJWT sees it."""
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenRefused(Reason.TOO_LARGE)
    if not _COMPACT.fullmatch(token):
        raise TokenRefused(Reason.NOT_A_TOKEN)
    segment = token.partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        fields = parse_untrusted(raw, max_bytes=MAX_TOKEN_BYTES)
        header = msgspec.convert(fields, _Header)
    except (binascii.Error, InvalidRequest, msgspec.ValidationError) as error:
        raise TokenRefused(Reason.NOT_A_TOKEN) from error
    assert isinstance(fields, dict), "a struct is read from an object"
    if "crit" in fields or "b64" in fields:
        # RFC 7515 §4.1.11: no extension is understood here, so none may be critical.
        raise TokenRefused(Reason.CRITICAL_EXTENSION)
    key = keys.get(header.kid)
    if key is None:
        raise TokenRefused(Reason.UNKNOWN_KEY)
    if header.alg != key.algorithm:
        raise TokenRefused(Reason.WRONG_ALGORITHM)
    return key


def _claims_untrusted(payload: bytes) -> Claims:
    try:
        return msgspec.convert(parse_untrusted(payload, max_bytes=MAX_TOKEN_BYTES), Claims)
    except (InvalidRequest, msgspec.ValidationError) as error:
        raise TokenRefused(Reason.WRONG_CLAIMS) from error


def _age_s(claims: Claims, now_unix_s: float, clocks: IssuerClocks) -> float:
    """Say how long ago a token was issued, at the most."""
    issued_unix_s = claims.nbf if claims.iat is None else claims.iat
    age_s = clocks.age_s(claims.iss, now_unix_s - issued_unix_s, LEEWAY_S)
    return min(age_s, MAX_LIFETIME_S + LEEWAY_S)


def _check(claims: Claims, key: Key, now_unix_s: float) -> None:
    if claims.iss != key.id:
        raise TokenRefused(Reason.WRONG_ISSUER)
    if AUDIENCE not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
        raise TokenRefused(Reason.WRONG_AUDIENCE)
    if claims.nbf > now_unix_s + LEEWAY_S:
        raise TokenRefused(Reason.NOT_YET_VALID)
    if claims.exp > now_unix_s + MAX_LIFETIME_S + LEEWAY_S:
        raise TokenRefused(Reason.LIVES_TOO_LONG)
    if claims.exp <= now_unix_s - LEEWAY_S:
        raise TokenRefused(Reason.EXPIRED)


_JWS = jwt.PyJWS(algorithms=["HS256", "ES256"])
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
