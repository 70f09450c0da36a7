"""The check in networks that hold sound and picture back: what it finds, and its words.

Only TCP gets through; only a TURN server over TLS does; nothing does.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.endtoend.closed_consultation import closed_consultation
from tests.endtoend.consultation import Consultation
from tests.endtoend.page_controls import reads
from tests.endtoend.precall_check import checks, codes, opens_check, ways
from tests.endtoend.relay_process import running_relay
from tests.endtoend.turn_server import TURNSERVER, running_turn_server
from tests.endtoend.wire import BACK, forwarding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Sentences:
    """What a page says, in one language."""

    begin: str
    again: str
    detour: tuple[str, ...]
    """The verdict, what is wrong with the network, and what to do."""
    nothing: tuple[str, ...]


ENGLISH = Sentences(
    begin="Start the check",
    again="Check again",
    detour=(
        "You can consult, but something could be better.",
        "This network lets sound and picture through by a detour only",
        "Where you can, use another network",
    ),
    nothing=(
        "Something has to be done before your consultation.",
        "This network lets no sound or picture through.",
        "Try another network",
    ),
)
FRENCH = Sentences(
    begin="Lancer le test",
    again="Tester de nouveau",
    detour=(
        "Vous pouvez consulter, mais quelque chose pourrait aller mieux.",
        "Ce réseau ne laisse passer le son et l\u2019image que par un détour",
        "Si vous le pouvez, utilisez un autre réseau",
    ),
    nothing=(
        "Il y a quelque chose à faire avant votre consultation.",
        "Ce réseau ne laisse passer ni le son ni l\u2019image.",
        "Essayez un autre réseau",
    ),
)


@pytest.mark.parametrize("kind", ["chromium", pytest.param("firefox", marks=pytest.mark.thorough)])
@pytest.mark.usefixtures("programs")
async def test_where_udp_leads_nowhere_tcp_is_found_and_said_to_be_a_detour(
    tmp_path: Path, kind: str
) -> None:
    async with closed_consultation(tmp_path, without_udp=True) as room:
        token = await room.relay.token(room.room, "patient", f"patient-{kind}")
        patient = await opens_check(room, kind, token)
        result = await checks(patient)
        await is_a_detour(patient, result, by="tcp", says=ENGLISH)
        assert not ways(result)["udp"]


@pytest.mark.parametrize(
    ("kind", "lang", "says"),
    [
        pytest.param("chromium", "fr", FRENCH, marks=pytest.mark.thorough),
        ("firefox", "en", ENGLISH),
    ],
    ids=["Chromium", "Firefox"],
)
@pytest.mark.usefixtures("programs")
async def test_a_turn_server_alone_is_a_detour_and_without_it_there_is_nothing(
    tmp_path: Path,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    kind: str,
    lang: str,
    says: Sentences,
) -> None:
    if not os.access(TURNSERVER, os.X_OK):
        pytest.fail(f"missing: {TURNSERVER}; `make test-tools` installs it")
    async with (
        running_turn_server(tmp_path) as turn_server,
        running_relay(
            tmp_path,
            listen=[BACK],
            announce=[turn_server.address],
            more=turn_server.section("tls"),
        ) as relay,
        # At that address it is the only one: the relay's TCP is not forwarded.
        forwarding(relay.port, relay.media_port, front=turn_server.address) as wire,
    ):
        wire.blocks = lambda sender: not turn_server.is_sender(sender)
        room = Consultation(relay, "", browser)
        patient = await opens_check(room, kind, await relay.token(room.room, "patient"), lang=lang)
        result = await checks(patient, says.begin)
        assert wire.lost_datagrams > 0, "nothing was blocked: nobody tried the direct way"
        await is_a_detour(patient, result, by="turn_tls", says=says)

        wire.blocks = lambda _: True
        result = await checks(patient, says.again)
        assert not any(ways(result).values()), result["paths"]
        assert result["verdict"] == "not_ready"
        assert codes(result)["network"] == "media_unreachable"
        assert (result["from_kbps"], result["towards_kbps"]) == (None, None)
        await says_all(patient, says.nothing)
        await room.close()


async def is_a_detour(
    patient: Participant, result: dict[str, Any], *, by: str, says: Sentences
) -> None:
    """Hold that a check has found this way and no other, and says what that means."""
    assert [way for way, works in ways(result).items() if works] == [by], result["paths"]
    assert result["verdict"] == "limited", result["findings"]
    assert codes(result)["network"] == "detour"
    for direction in ("from_kbps", "towards_kbps"):
        assert result[direction] is not None, f"{direction} was not measured"
    await says_all(patient, says.detour)


async def says_all(patient: Participant, sentences: tuple[str, ...]) -> None:
    await asyncio.gather(*(reads(patient, sentence) for sentence in sentences))
