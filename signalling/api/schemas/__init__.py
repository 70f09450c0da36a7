"""What travels over the HTTP API, as types: bodies are checked by them and documented from them.

Times are RFC 3339, durations in seconds. Called by `signalling.api.operations` and the functions it
names, and by `signalling.api_client`.
"""

from signalling.api.schemas.parts import (
    Answer,
    InRoom,
    Nothing,
    Page,
    Request,
)
from signalling.api.schemas.people import (
    Attendance,
    Confer,
    Extend,
    HandOver,
    Incident,
    InConsultation,
    InParticipant,
    Move,
    Mute,
    Participant,
    ParticipantList,
    ParticipantQuality,
    Path,
    Quality,
    Report,
    RoomQuality,
    Track,
)
from signalling.api.schemas.rooms import (
    CreateRoom,
    CreateToken,
    Room,
    RoomList,
    SendMessage,
    Sent,
    Token,
    TokenGrants,
    UpdateRoom,
    Wishes,
)

__all__ = [
    "Answer",
    "Attendance",
    "Confer",
    "CreateRoom",
    "CreateToken",
    "Extend",
    "HandOver",
    "InConsultation",
    "InParticipant",
    "InRoom",
    "Incident",
    "Move",
    "Mute",
    "Nothing",
    "Page",
    "Participant",
    "ParticipantList",
    "ParticipantQuality",
    "Path",
    "Quality",
    "Report",
    "Request",
    "Room",
    "RoomList",
    "RoomQuality",
    "SendMessage",
    "Sent",
    "Token",
    "TokenGrants",
    "Track",
    "UpdateRoom",
    "Wishes",
]
