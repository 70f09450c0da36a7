from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import NotAuthenticated, TokenExpired
from relay.rooms.permissions import Role, Source
from signalling.keys import KeyRing, parse_keys
from signalling.links import full_grant
from signalling.tokens import (
    LEEWAY_S,
    MAX_LIFETIME_S,
    MAX_TOKEN_BYTES,
    Invitation,
    Reason,
    TokenRefused,
    mint,
    verify_untrusted,
)

NOW_S = 1_790_000_000
SECRET = "a-secret-of-the-tests-32-characters-long"
OTHER_SECRET = "another-secret-of-32-characters-or-more"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC_DER = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
KEYS: KeyRing = parse_keys(
    f"key-1 {SECRET}\nkey-2 {OTHER_SECRET}\nclinic ES256 {base64.b64encode(PUBLIC_DER).decode()}\n",
    "the test",
)


def claims(**changes: Any) -> dict[str, Any]:
    """Give valid claims with changes; `None` removes a claim."""
    usual: dict[str, Any] = {
        "iss": "key-1",
        "aud": "visavis",
        "sub": "patient-1",
        "room": "room-1",
        "role": "patient",
        "grants": {"publish": ["camera"], "subscribe": True, "data": False, "open_room": False},
        "nbf": NOW_S,
        "exp": NOW_S + 600,
        "jti": "one",
    }
    changed = {**usual, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload: object, *, secret: str | bytes = SECRET, **header: Any) -> str:
    """Sign anything with HMAC-SHA256, without a library that would refuse to."""
    full = {"alg": "HS256", "kid": "key-1", "typ": "JWT", **header}
    head = segment({name: value for name, value in full.items() if value is not None})
    text = f"{head}.{segment(payload)}"
    key = secret.encode() if isinstance(secret, str) else secret
    return f"{text}.{segment(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def refusal(token: str) -> TokenRefused:
    with pytest.raises(TokenRefused) as refused:
        verify_untrusted(token, KEYS, NOW_S)
    return refused.value


def test_a_good_token_grants_what_it_says() -> None:
    grant = verify_untrusted(signed(claims()), KEYS, NOW_S)
    assert grant.room == "room-1"
    assert grant.identity == "patient-1"
    assert grant.role is Role.PATIENT
    assert grant.publish == {Source.CAMERA}
    assert (grant.subscribe, grant.data, grant.open_room) == (True, False, False)


def test_what_a_token_does_not_say_is_not_allowed() -> None:
    grant = verify_untrusted(signed(claims(grants={})), KEYS, NOW_S)
    assert (grant.publish, grant.subscribe, grant.data) == (frozenset(), False, False)
    assert grant.open_room is False
    assert not grant.rights
    assert not grant.move_to
    assert (grant.arrival.waits, grant.arrival.label) == (False, "")


@pytest.mark.parametrize("role", Role)
def test_a_minted_token_is_accepted(role: Role) -> None:
    grant = full_grant("room-1", role, "somebody", open_room=True)
    token = mint(Invitation(grant, url="wss://relay.example/v1/ws"), KEYS["key-1"], NOW_S)
    given = verify_untrusted(token, KEYS, NOW_S)
    assert replace(given, arrival=replace(given.arrival, token="")) == grant
    assert given.arrival.token
    body = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_signature": False})
    assert body["url"] == "wss://relay.example/v1/ws"
    assert body["exp"] - body["nbf"] == 600


def test_a_key_pair_of_the_backend_is_accepted() -> None:
    token = jwt.encode(claims(iss="clinic"), PRIVATE, algorithm="ES256", headers={"kid": "clinic"})
    assert verify_untrusted(token, KEYS, NOW_S).identity == "patient-1"


def test_an_audience_may_stand_in_a_list_and_times_may_be_fractions() -> None:
    token = signed(claims(aud=["visavis", "ehr"], exp=NOW_S + 0.5, nbf=NOW_S - 0.5))
    assert verify_untrusted(token, KEYS, NOW_S).room == "room-1"


def unsigned(algorithm: str) -> str:
    return f"{segment({'alg': algorithm, 'kid': 'key-1'})}.{segment(claims())}."


TRICKS: dict[str, tuple[str, Reason]] = {
    "alg none": (unsigned("none"), Reason.NOT_A_TOKEN),
    "alg None with a signature": (signed(claims(), alg="None"), Reason.WRONG_ALGORITHM),
    "alg none with a signature": (signed(claims(), alg="none"), Reason.WRONG_ALGORITHM),
    "alg missing": (signed(claims(), alg=None), Reason.NOT_A_TOKEN),
    "alg a list": (signed(claims(), alg=["HS256"]), Reason.NOT_A_TOKEN),
    "alg HS384 of an HS256 key": (signed(claims(), alg="HS384"), Reason.WRONG_ALGORITHM),
    "HS256 signed with the public key in PEM": (
        signed(claims(iss="clinic"), secret=PUBLIC_PEM, kid="clinic"),
        Reason.WRONG_ALGORITHM,
    ),
    "HS256 signed with the public key in DER": (
        signed(claims(iss="clinic"), secret=PUBLIC_DER, kid="clinic"),
        Reason.WRONG_ALGORITHM,
    ),
    "ES256 claimed for a secret": (signed(claims(), alg="ES256"), Reason.WRONG_ALGORITHM),
    "ES256 with a signature of zeros": (
        ".".join(
            map(segment, ({"alg": "ES256", "kid": "clinic"}, claims(iss="clinic"), bytes(64)))
        ),
        Reason.WRONG_SIGNATURE,
    ),
    "kid a path": (signed(claims(), secret="", kid="../../dev/null"), Reason.UNKNOWN_KEY),
    "kid a URL": (signed(claims(), kid="https://evil.example/key"), Reason.UNKNOWN_KEY),
    "kid SQL": (signed(claims(), kid="' OR 1=1 --"), Reason.UNKNOWN_KEY),
    "kid missing": (signed(claims(), kid=None), Reason.NOT_A_TOKEN),
    "kid a number": (signed(claims(), kid=1), Reason.NOT_A_TOKEN),
    "kid of another key": (signed(claims(), kid="key-2"), Reason.WRONG_SIGNATURE),
    "key inside the header": (
        signed(claims(), secret="mine", jwk={"kty": "oct", "k": segment(b"mine")}),
        Reason.WRONG_SIGNATURE,
    ),
    "crit": (signed(claims(), crit=["exp"]), Reason.CRITICAL_EXTENSION),
    "crit of b64": (signed(claims(), crit=["b64"], b64=False), Reason.CRITICAL_EXTENSION),
    "b64 true": (signed(claims(), b64=True), Reason.CRITICAL_EXTENSION),
    "exp missing": (signed(claims(exp=None)), Reason.WRONG_CLAIMS),
    "exp a string": (signed(claims(exp=str(NOW_S + 600))), Reason.WRONG_CLAIMS),
    "exp true": (signed(claims(exp=True)), Reason.WRONG_CLAIMS),
    "exp infinite": (
        signed(json.dumps(claims()).replace(str(NOW_S + 600), "1e999").encode()),
        Reason.WRONG_CLAIMS,
    ),
    "exp passed": (signed(claims(exp=NOW_S - LEEWAY_S)), Reason.EXPIRED),
    "exp too far": (
        signed(claims(exp=NOW_S + MAX_LIFETIME_S + LEEWAY_S + 1)),
        Reason.LIVES_TOO_LONG,
    ),
    "nbf missing": (signed(claims(nbf=None)), Reason.WRONG_CLAIMS),
    "nbf in the future": (signed(claims(nbf=NOW_S + LEEWAY_S + 1)), Reason.NOT_YET_VALID),
    "nbf a string": (signed(claims(nbf="0")), Reason.WRONG_CLAIMS),
    "aud missing": (signed(claims(aud=None)), Reason.WRONG_CLAIMS),
    "aud another": (signed(claims(aud="ehr")), Reason.WRONG_AUDIENCE),
    "aud and iss swapped": (signed(claims(aud="key-1", iss="visavis")), Reason.WRONG_ISSUER),
    "iss of another key": (signed(claims(iss="key-2")), Reason.WRONG_ISSUER),
    "jti missing": (signed(claims(jti=None)), Reason.WRONG_CLAIMS),
    "sub empty": (signed(claims(sub="")), Reason.WRONG_CLAIMS),
    "sub too long": (signed(claims(sub="s" * 129)), Reason.WRONG_CLAIMS),
    "room with a slash": (signed(claims(room="../room")), Reason.WRONG_CLAIMS),
    "room with a line end": (signed(claims(room="room\n")), Reason.WRONG_CLAIMS),
    "room too long": (signed(claims(room="r" * 129)), Reason.WRONG_CLAIMS),
    "role unknown": (signed(claims(role="admin")), Reason.WRONG_CLAIMS),
    "grants a list": (signed(claims(grants=[])), Reason.WRONG_CLAIMS),
    "grants with a spelling mistake": (
        signed(claims(grants={"subscibe": True})),
        Reason.WRONG_CLAIMS,
    ),
    "claims repeated": (
        signed(b'{"role":"patient",' + json.dumps(claims()).encode()[1:]),
        Reason.WRONG_CLAIMS,
    ),
    "claims nested": (signed(b"[" * 500), Reason.WRONG_CLAIMS),
    "header nested": (f"{segment(b'[' * 500)}.{segment(claims())}.AAAA", Reason.NOT_A_TOKEN),
    "header a list": (f"{segment([])}.{segment(claims())}.AAAA", Reason.NOT_A_TOKEN),
    "header repeated": (
        ".".join(
            (segment(b'{"alg":"none","alg":"HS256","kid":"key-1"}'), segment(claims()), "AAAA")
        ),
        Reason.NOT_A_TOKEN,
    ),
    "oversized": (signed(claims(pad="p" * MAX_TOKEN_BYTES)), Reason.TOO_LARGE),
    "empty": ("", Reason.NOT_A_TOKEN),
    "two segments": ("a.b", Reason.NOT_A_TOKEN),
    "four segments": (signed(claims()) + ".AAAA", Reason.NOT_A_TOKEN),
    "five segments, as JWE": ("a.b.c.d.e", Reason.NOT_A_TOKEN),
    "padding": (signed(claims()) + "=", Reason.NOT_A_TOKEN),
    "a line end": (signed(claims()) + "\n", Reason.NOT_A_TOKEN),
    "not ASCII": ("é.é.é", Reason.NOT_A_TOKEN),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_every_trick_gets_one_constant_answer(trick: str) -> None:
    token, reason = TRICKS[trick]
    refused = refusal(token)
    assert refused.reason is reason
    constant = TokenExpired() if reason is Reason.EXPIRED else NotAuthenticated()
    assert (refused.answer.code, refused.answer.words, refused.answer.action) == (
        constant.code,
        constant.words,
        constant.action,
    )


def test_a_token_is_good_until_a_minute_after_its_end() -> None:
    token = signed(claims(exp=NOW_S))
    verify_untrusted(token, KEYS, NOW_S + LEEWAY_S - 1)
    with pytest.raises(TokenRefused):
        verify_untrusted(token, KEYS, NOW_S + LEEWAY_S)


@pytest.mark.parametrize("claim", ["nbf", "iat", "exp"])
@pytest.mark.parametrize("time", [10**400, -(10**400)], ids=["late", "early"])
def test_a_time_beyond_every_clock_is_refused(claim: str, time: int) -> None:
    assert refusal(signed(claims(**{claim: time}))).reason is Reason.WRONG_CLAIMS


def test_every_single_character_counts() -> None:
    token = signed(claims())
    for index, character in enumerate(token):
        if character == ".":
            continue
        # The last character of a segment may hold bits that mean nothing; PyJWT refuses those too.
        changed = token[:index] + ("A" if character != "A" else "B") + token[index + 1 :]
        refusal(changed)


@given(st.text(max_size=300) | st.from_regex(r"[\w-]{0,80}\.[\w-]{0,80}\.[\w-]{0,80}"))
def test_any_text_is_refused_by_a_reason(token: str) -> None:
    refusal(token)


@given(st.dictionaries(st.text(max_size=10), st.integers() | st.text(max_size=10), max_size=5))
def test_a_signed_payload_of_any_shape_is_refused_by_a_reason(payload: dict[str, object]) -> None:
    assert refusal(signed(payload)).reason is Reason.WRONG_CLAIMS
