"""A consultation's report as it travels over the API: who was there, and how it went.

Pure data: pseudonyms, roles, times and figures; no name, no address, nothing that was said. Its
JSON Schema is docs/report.schema.json. Called through `signalling.api.schemas`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

from relay.charts.facts import CutCause, Direction, Medium, Transport
from relay.precall import CheckResult
from relay.rooms.events import ReceiverState
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from signalling.api.schemas.parts import (
    Answer,
    ConsultationName,
    Moment,
    ParticipantName,
    Request,
    RoomName,
)

Language = Literal["en", "fr"]
MOST_OFFSET_MIN: Final = 14 * 60
"""As far as any place is from UTC."""
Offset = Annotated[
    int,
    Meta(
        ge=-MOST_OFFSET_MIN,
        le=MOST_OFFSET_MIN,
        description="By how many minutes the times in sentences are ahead of UTC.",
    ),
]


class InConsultation(Request):
    """A path that names a consultation."""

    consultation: ConsultationName


class Reading(Request):
    """How a report is to be told."""

    utc_offset_min: Offset = 0


class PageReading(Reading):
    """How a report's page is to be written."""

    lang: Language = "en"


class Attendance(Answer):
    """Somebody's time in a consultation."""

    identity: str
    participant: ParticipantName
    role: Role
    waited_from: Moment | None
    """Since when they waited; null for whoever came straight in."""
    joined_at: Moment | None
    """When they were in for the first time; null for whoever never was."""
    left_at: Moment | None
    reason: str | None
    """Why they left: left, expired, ejected, moved, room_closed or draining."""


class Incident(Answer):
    """Something that happened in a consultation."""

    at: Moment
    type: str
    participant: ParticipantName | None
    direction: Literal["from", "towards"] | None
    reason: str | None
    source: Source | None
    """Of a silence: what of the participant was not heard or seen; its cause is the reason."""
    receiver: ParticipantName | None
    """Of a silence: by whom; null: by nobody."""


class ReportedSilence(Answer):
    """For how long somebody was not heard or seen, though they should have been."""

    participant: ParticipantName
    source: Source
    receiver: ParticipantName | None
    """Who did not hear or see them; null: nobody did."""
    began_at: Moment
    ended_at: Moment | None
    """null while it lasts."""
    stage: Stage
    cause: Cause


class ReportedCut(Answer):
    """For how long nothing came from somebody."""

    participant: ParticipantName
    began_at: Moment
    ended_at: Moment | None
    """null while it lasts."""
    cause: CutCause
    """The packets came again (network); likewise, and their client said that its devices gave
    nothing or that its page stood still (device); a new connection was made, as after a reload; or
    they never came again (gone)."""


class ReportedNetwork(Answer):
    """By which way somebody's media went from a moment on, as their browser says."""

    participant: ParticipantName
    at: Moment
    transport: Transport
    relayed: bool
    """Whether through a TURN server; the transport is then the one that leads there."""
    ip: Literal[4, 6] | None
    """The family of addresses."""


class ReportedAdaptation(Answer):
    """How much somebody was sent of the pictures for them from a moment on; `full` before."""

    participant: ParticipantName
    at: Moment
    state: ReceiverState


class ReportedPrecall(Answer):
    """What somebody's own check before the consultation came to (docs/precall.md)."""

    participant: ParticipantName
    at: Moment
    """From when on it was known in the consultation."""
    result: CheckResult
    """As of a participant in the API, and as `participant.checked` tells it."""


class Slots(Answer):
    """How the time is divided: slot n begins `n * width_s` seconds after `begins_at`."""

    begins_at: Moment
    width_s: int
    """5, and twice as much whenever the figures of a long consultation would take too much."""
    count: int
    """Of those that are over; the last one ends with the consultation."""


class Course(Answer):
    """How somebody's sound or picture went one way, slot by slot; null could not be measured."""

    participant: ParticipantName
    direction: Direction
    """What came from them, or went towards them."""
    medium: Medium
    first: int
    """The slot of the first figure of each list."""
    kbps: tuple[int | None, ...]
    loss_ratio: tuple[float | None, ...]
    jitter_ms: tuple[int | None, ...]
    """The longest of the slot."""
    flawed_ratio: tuple[float | None, ...]
    """Of the time, as the receiver's browser says: sound made up, a picture that stood still."""


class Summary(Answer):
    """The same in sentences, the most important first."""

    en: tuple[str, ...]
    fr: tuple[str, ...]


class Report(Answer):
    """What is known of a consultation: who was there, when, and how it went."""

    consultation: ConsultationName
    room: RoomName
    opened_at: Moment
    closed_at: Moment | None
    summary: Summary
    participants: tuple[Attendance, ...]
    silences: tuple[ReportedSilence, ...]
    cuts: tuple[ReportedCut, ...]
    networks: tuple[ReportedNetwork, ...]
    adaptations: tuple[ReportedAdaptation, ...]
    precalls: tuple[ReportedPrecall, ...]
    incidents: tuple[Incident, ...]
    slots: Slots
    courses: tuple[Course, ...]
    left_out: int
    """How many more incidents, stays, cuts and notes there were than are kept."""
