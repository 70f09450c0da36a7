"""What a plan assumes, each with its unit, its range and where it comes from.

Pure. One table: `visavis plan` makes an option of every field, and `scenarios` varies them within
their ranges. "Assumed" as a source means that nobody has published a figure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from relay.errors import ConfigurationError
from relay.planning.meaning import Meaning, assumed

ROUNDING: Final = 1e-9
"""Shares that make a whole may exceed it by so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Everything a plan assumes beside the weekly consultations and the measured capacity.

    Raises:
        ConfigurationError: A value has no meaning, or two contradict one another.

    """

    peak_day_share: float = assumed(
        0.20,
        "The busiest day's part of the week",
        unit="of the week",
        range=(0.182, 0.25),
        possible=(1 / 7, 1.0),
        source="91 % Monday to Friday (7 French platforms, 2021), Mondays +10 % (England, 2021)",
    )
    peak_hour_share: float = assumed(
        0.12,
        "The busiest hour's part of that day",
        unit="of the day",
        range=(0.10, 0.15),
        possible=(1 / 24, 1.0),
        source="assumed: no hourly profile is published for France",
    )
    mean_duration_min: float = assumed(
        15.0,
        "A consultation's mean duration",
        unit="min",
        range=(10.5, 20.0),
        possible=(1.0, 240.0),
        source="10.5 (7 French platforms, 2021), 16 (Doctolib GPs, 2022); specialists' 20 assumed",
    )
    duration_cv: float = assumed(
        0.85,
        "Standard deviation of the duration over its mean (lognormal)",
        unit="ratio",
        range=(0.75, 0.88),
        possible=(0.05, 3.0),
        source="0.75 (US offices, 21 million visits) to 0.88 (Clalit, synchronous video)",
    )
    slot_min: float = assumed(
        15.0,
        "Between two appointments of the grid",
        unit="min",
        possible=(5.0, 60.0),
        source="assumed: booked on the quarter of an hour",
    )
    on_grid_share: float = assumed(
        0.88,
        "Consultations with an appointment",
        unit="of all",
        possible=(0.0, 1.0),
        source="7 French platforms, 2021",
    )
    start_jitter_min: float = assumed(
        3.0,
        "Standard deviation of a start around its appointment (normal)",
        unit="min",
        range=(1.0, 10.0),
        possible=(0.0, 60.0),
        source="assumed",
    )
    three_party_share: float = assumed(
        0.10,
        "Consultations of three",
        unit="of all",
        range=(0.04, 0.20),
        possible=(0.0, 1.0),
        source="assumed: indirect evidence only",
    )
    four_party_share: float = assumed(
        0.04,
        "Consultations of four",
        unit="of all",
        range=(0.01, 0.07),
        possible=(0.0, 1.0),
        source="assumed: indirect evidence only",
    )
    five_party_share: float = assumed(
        0.01,
        "Consultations of five; the others are of two",
        unit="of all",
        range=(0.0, 0.03),
        possible=(0.0, 1.0),
        source="assumed: indirect evidence only",
    )
    video_share: float = assumed(
        0.92,
        "Participants who send a picture",
        unit="of all",
        range=(0.86, 0.97),
        possible=(0.0, 1.0),
        source="77 % video only and 9 % both (DREES, 2024) to 97 % (7 French platforms, 2021)",
    )
    video_kbit_s: float = assumed(
        1_000.0,
        "A picture's rate as it is forwarded",
        unit="kbit/s",
        range=(500.0, 1_700.0),
        possible=(10.0, 50_000.0),
        source="assumed within 350 (healthdirect, AU) and 1,100 (Mend) a party",
    )
    simulcast_factor: float = assumed(
        1.25,
        "A publisher's video rate over the forwarded one",
        unit="ratio",
        range=(1.0, 1.35),
        possible=(1.0, 3.0),
        source="assumed: lower encodings beside the one watched",
    )
    audio_kbit_s: float = assumed(
        32.0,
        "Sound's rate (Opus)",
        unit="kbit/s",
        possible=(6.0, 510.0),
        source="assumed; RFC 6716 §2 allows 6 to 510",
    )
    audio_packets_per_s: float = assumed(
        50.0,
        "Sound's packets",
        unit="1/s",
        possible=(8.0, 400.0),
        source="20 ms of Opus in a packet, as browsers send it",
    )
    video_packet_bytes: float = assumed(
        1_100.0,
        "A video packet's payload",
        unit="B",
        possible=(100.0, 1_400.0),
        source="libwebrtc's cut of a frame",
    )
    overhead_bytes: float = assumed(
        64.0,
        "IP, UDP, RTP, extensions, SRTP's tag around a payload",
        unit="B",
        possible=(28.0, 200.0),
        source="20 + 8 + 12 + about 8 + 16 (RFC 791, 768, 3550, 8285, 7714)",
    )
    rtcp_packets_per_s: float = assumed(
        30.0,
        "RTCP of a participant in each direction",
        unit="1/s",
        possible=(0.0, 200.0),
        source="assumed: transport-wide feedback, reports, repairs",
    )
    rtcp_packet_bytes: float = assumed(
        120.0,
        "An RTCP packet on the wire",
        unit="B",
        possible=(40.0, 1_400.0),
        source="assumed",
    )
    rejoin_factor: float = assumed(
        1.25,
        "Joins over participants: redials and reloads",
        unit="ratio",
        range=(1.05, 1.5),
        possible=(1.0, 10.0),
        source="assumed from 5 in 37 consultations (JMIR, 2020)",
    )
    slot_burst_factor: float = assumed(
        3.0,
        "Joins when a slot begins over the mean",
        unit="ratio",
        range=(1.5, 5.0),
        possible=(1.0, 50.0),
        source="assumed",
    )
    storm_s: float = assumed(
        30.0,
        "In which everybody of a lost zone comes back",
        unit="s",
        possible=(1.0, 600.0),
        source="assumed: the SDK's waits between two tries",
    )
    waiting_min: float = assumed(
        10.0,
        "A patient's time in the waiting room",
        unit="min",
        possible=(0.0, 240.0),
        source="6.4 min early (14,088 video check-ins) and an assumed lateness of about 4",
    )
    blocking: float = assumed(
        1e-4,
        "Starts that may find every slot taken",
        unit="of all",
        possible=(1e-12, 0.5),
        source="a target: one in 10,000 (Erlang B)",
    )
    season_factor: float = assumed(
        1.5,
        "The busiest weeks over an annual average",
        unit="ratio",
        range=(1.0, 3.0),
        possible=(1.0, 10.0),
        source="55 a month over 38 (Doctolib GPs, January and February 2022); 3 in an influenza",
    )
    zones: int = assumed(
        3,
        "Zones of which one may be lost; 1 stands for no spare",
        unit="zones",
        possible=(1, 100),
        source="a decision",
    )
    node_load_share: float = assumed(
        0.7,
        "Of the measured capacity, what a node is given with a zone lost",
        unit="of capacity",
        possible=(0.05, 1.0),
        source="assumed",
    )
    cores_per_node: int = assumed(
        4,
        "Cores of a node that relay",
        unit="cores",
        possible=(1, 512),
        source="a decision; a process has up to 4 workers",
    )
    node_gbit_s: float = assumed(
        10.0,
        "What a node's network carries in each direction",
        unit="Gbit/s",
        possible=(0.1, 800.0),
        source="a decision",
    )

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for name, meaning in meanings().items():
            value = getattr(self, name)
            if not math.isfinite(value) or not meaning.least <= value <= meaning.most:
                raise ConfigurationError(
                    f"{meaning.words} ({name}) cannot be {value:g}: a plan takes "
                    f"{meaning.least:.4g} to {meaning.most:.4g} {meaning.unit}.",
                    action=f"It is {meaning.central:g} where it is left out.",
                )
        larger = self.three_party_share + self.four_party_share + self.five_party_share
        if larger > 1.0 + ROUNDING:
            raise ConfigurationError(
                f"Consultations of three, four and five cannot be {larger:g} of all consultations.",
                action="Lower three_party_share, four_party_share or five_party_share.",
            )

    @property
    def mean_participants(self) -> float:
        """Participants of a consultation, E[n]."""
        return sum(share * n for n, share in self._parties())

    @property
    def mean_subscriptions(self) -> float:
        """Tracks of one kind that leave for all participants of a consultation, E[n(n-1)]."""
        return sum(share * n * (n - 1) for n, share in self._parties())

    def _parties(self) -> tuple[tuple[int, float], ...]:
        larger = (self.three_party_share, self.four_party_share, self.five_party_share)
        return tuple(enumerate((max(0.0, 1.0 - sum(larger)), *larger), start=2))


@cache
def meanings() -> dict[str, Meaning]:
    """Give what each assumption is about, by field, in their order."""
    return {each.name: each.metadata["meaning"] for each in fields(Assumptions)}
