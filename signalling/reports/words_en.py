"""English. `signalling.reports.words_fr` says the same in French, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from relay.charts.facts import CutCause, Direction, Medium
from relay.precall import Checked, Outcome, PrecallVerdict
from relay.rooms.events import ReceiverState
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause


class English:
    """English."""

    lang: Final = "en"
    title: Final = "Report on a consultation"
    summary: Final = "In short"
    people: Final = "Who was there"
    who: Final = "Who"
    pseudonym: Final = "Pseudonym"
    waited: Final = "Waited from"
    came: Final = "In from"
    left: Final = "Until"
    why: Final = "Because"
    network: Final = "Way through the network"
    precall: Final = "Check before the consultation"
    incidents: Final = "What went wrong"
    what: Final = "What"
    began: Final = "From"
    ended: Final = "To"
    lasts: Final = "still so"
    nothing: Final = "Nothing."
    travelled: Final = "How sound and picture travelled"
    figures: Final = "All figures (open this to read and to print them)"
    time: Final = "Time"
    rate: Final = "kbit/s"
    loss: Final = "lost"
    jitter: Final = "jitter, ms"
    made_up: Final = "made up"
    frozen: Final = "still"
    unknown: Final = "\u2013"
    room: Final = "Room"
    consultation: Final = "Consultation"
    cut_off: Final = "cut off"
    footnote: Final = (
        "Written by the media relay from packets and from what browsers say of themselves. It "
        "holds no name, no address and nothing that was said or shown."
    )
    media: Final[Mapping[Medium, str]] = {"sound": "Sound", "picture": "Picture"}
    directions: Final[Mapping[Direction, str]] = {"from": "from them", "towards": "towards them"}
    roles: Final[Mapping[Role, str]] = {
        Role.PRACTITIONER: "practitioner",
        Role.PATIENT: "patient",
        Role.CARER: "carer",
        Role.INTERPRETER: "interpreter",
        Role.EXPERT: "expert",
        Role.ASSISTANT: "assistant",
        Role.DEVICE: "medical device",
        Role.OBSERVER: "observer",
    }
    reasons: Final[Mapping[str, str]] = {
        "left": "left",
        "expired": "did not come back",
        "ejected": "was put out",
        "moved": "went on elsewhere",
        "room_closed": "the room was closed",
        "draining": "the relay was stopped",
    }
    things: Final[Mapping[Checked, str]] = {
        Checked.BROWSER: "browser",
        Checked.SERVER: "link",
        Checked.CLOCK: "clock",
        Checked.CAMERA: "camera",
        Checked.MICROPHONE: "microphone",
        Checked.SPEAKER: "loudspeaker",
        Checked.NETWORK: "network",
        Checked.BANDWIDTH: "bandwidth",
    }
    verdicts: Final[Mapping[PrecallVerdict, str]] = {
        PrecallVerdict.READY: "all works",
        PrecallVerdict.LIMITED: "something could be better",
        PrecallVerdict.NOT_READY: "something does not work",
    }
    """As those who admit read them beside whoever waits (signalling/client/words)."""
    outcomes: Final[Mapping[Outcome, str]] = {
        Outcome.GOOD: "good",
        Outcome.WEAK: "weak",
        Outcome.BAD: "bad",
        Outcome.UNKNOWN: "not known",
    }
    causes: Final[Mapping[Cause, str]] = {
        Cause.DEVICE_ENDED: "the device was gone",
        Cause.DEVICE_MUTED: "the device held it back",
        Cause.WRONG_DEVICE: "another device was in use",
        Cause.NO_SOUND: "the microphone gave no sound",
        Cause.NO_PICTURE: "the camera gave no picture",
        Cause.STOPPED: "nothing arrived from there",
        Cause.NEVER_CAME: "nothing ever arrived from there",
        Cause.HELD: "there was nothing to send on",
        Cause.LOST: "it was lost on the way to the other side",
        Cause.PLAY_REFUSED: "the browser waited for a touch before it plays",
        Cause.PLAY_PAUSED: "playing was paused",
        Cause.AUDIO_SUSPENDED: "the sound of the page was suspended",
        Cause.NO_SPEAKER: "the loudspeaker was gone",
    }
    states: Final[Mapping[ReceiverState, str]] = {
        "full": "all pictures",
        "followed": "all pictures, as its path carries them",
        "reduced": "smaller or less smooth pictures",
        "partly_paused": "some pictures paused",
        "video_paused": "pictures paused",
        "audio_only": "sound only",
    }
    adapted: Final = "the path towards them carried no more"
    cut_causes: Final[Mapping[CutCause, str]] = {
        "network": "the network let nothing through, or their page stood still",
        "device": "their device gave nothing, as during a phone call",
        "new_connection": "a new connection was made, as after a reload of the page",
        "gone": "they did not come back",
    }

    def person(self, role: Role, number: int | None) -> str:
        """Name somebody by role; the number tells several of one role apart."""
        name = f"the {self.roles[role]}"
        return name if number is None else f"{name} ({number})"

    def date(self, year: int, month: int, day: int) -> str:
        """Write a date."""
        return f"{year:04}-{month:02}-{day:02}"

    def lasted(self, date: str, began: str, ended: str, duration: str, zone: str) -> str:
        """Say when and how long."""
        return f"The consultation of {date} lasted {duration}, from {began} to {ended} ({zone})."

    def goes_on(self, date: str, began: str, zone: str) -> str:
        """Say since when."""
        return f"The consultation of {date} has been going on since {began} ({zone})."

    def span(self, began: str, ended: str | None) -> str:
        """Say from when to when."""
        return f"since {began}" if ended is None else f"from {began} to {ended}"

    def unheard_of(self, receiver: str | None, publisher: str, source: Source) -> str:
        """Say who was not heard or seen, by whom."""
        whom = f"the screen of {publisher}" if source is Source.SCREEN else publisher
        hears = source is Source.MICROPHONE
        if receiver is None:
            return f"Nobody {'heard' if hears else 'saw'} {whom}"
        return f"{_capital(receiver)} did not {'hear' if hears else 'see'} {whom}"

    def unheard(
        self, receiver: str | None, publisher: str, source: Source, span: str, cause: Cause
    ) -> str:
        """Say the same with when and why."""
        return f"{self.unheard_of(receiver, publisher, source)} {span}: {self.causes[cause]}."

    def was_cut(self, who: str, span: str, cause: CutCause) -> str:
        """Say who was cut off."""
        return f"{_capital(who)} was cut off {span}: {self.cut_causes[cause]}."

    def lost(self, who: str, direction: Direction, percent: int, span: str) -> str:
        """Say how much of a sound was lost."""
        whose = "of" if direction == "from" else "for"
        return f"{percent} % of the sound {whose} {who} was lost {span}."

    def flawed(self, who: str, medium: Medium, percent: int, span: str) -> str:
        """Say how much of what somebody received was flawed."""
        if medium == "sound":
            return f"{percent} % of the sound that {who} heard was made up {span}."
        return f"The picture that {who} saw stood still {percent} % of the time {span}."

    def paused(self, who: str, span: str) -> str:
        """Say that somebody's pictures gave way to sound."""
        return f"Pictures for {who} were paused {span}, so that sound got through."

    def checked(self, who: str, verdict: PrecallVerdict) -> str:
        """Say what a check before the consultation came to."""
        return f"The check of {who} before the consultation: {self.verdicts[verdict]}."

    def smooth(self) -> str:
        """Say that nothing was amiss."""
        return "Sound and picture got through all the time, as far as the relay can tell."

    def more(self, count: int) -> str:
        """Say how much is left out of a list of sentences."""
        return f"There were {count} more of the kind; all of them are in the tables."

    def left_out(self, count: int) -> str:
        """Say how much is left out of the report."""
        return f"{count} further incidents were not kept, because there were too many."

    def coarse(self, width_s: int) -> str:
        """Say that slots are longer than usual."""
        return f"The consultation was long: figures are by {width_s} s, not by 5 s."

    def way(self, transport: str, *, relayed: bool, ip: int | None) -> str:
        """Say by which way media went."""
        through = f"{transport.upper()}{' through a TURN server' if relayed else ''}"
        return through if ip is None else f"{through}, IPv{ip}"

    def drawing(self, who: str, medium: Medium, direction: Direction, figures: str) -> str:
        """Describe a drawing."""
        return f"{self.media[medium]} {self.directions[direction]}, {who}: {figures}"

    def rates(self, least: int, usual: int, most: int, lost_percent: float) -> str:
        """Sum a course up in figures."""
        return (
            f"between {least} and {most} kbit/s, usually {usual}; at most {lost_percent:.1f} % "
            "lost in one slot."
        )

    def no_rates(self) -> str:
        """Say that there are no figures of a course."""
        return "no figures."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
