"""French. `signalling.reports.words_en` says the same in English, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from relay.charts.facts import CutCause, Direction, Medium
from relay.precall import Checked, Outcome, PrecallVerdict
from relay.rooms.events import ReceiverState
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause


def _set(text: str) -> str:
    """Set a text as French is: typographic apostrophes, no line's end before a colon or a %."""
    text = text.replace("'", "\u2019")
    for mark in ":;%":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text


class French:
    """French."""

    lang: Final = "fr"
    title: Final = "Rapport de consultation"
    summary: Final = "En bref"
    people: Final = "Qui était là"
    who: Final = "Qui"
    pseudonym: Final = "Pseudonyme"
    waited: Final = _set("En attente dès")
    came: Final = "Présent dès"
    left: Final = _set("Jusqu'à")
    why: Final = "Raison"
    network: Final = "Chemin par le réseau"
    precall: Final = "Contrôle avant la consultation"
    incidents: Final = _set("Ce qui n'a pas marché")
    what: Final = "Quoi"
    began: Final = "De"
    ended: Final = "À"
    lasts: Final = "toujours"
    nothing: Final = "Rien."
    travelled: Final = _set("Comment le son et l'image ont circulé")
    figures: Final = "Tous les chiffres (à ouvrir pour les lire et les imprimer)"
    time: Final = "Heure"
    rate: Final = "kbit/s"
    loss: Final = "perdu"
    jitter: Final = "gigue, ms"
    made_up: Final = "inventé"
    frozen: Final = "figé"
    unknown: Final = "\u2013"
    room: Final = "Salle"
    consultation: Final = "Consultation"
    cut_off: Final = "coupure"
    footnote: Final = _set(
        "Établi par le relais de médias à partir des paquets et de ce que les navigateurs disent "
        "d'eux-mêmes. Il ne contient ni nom, ni adresse, ni rien de ce qui a été dit ou montré."
    )
    media: Final[Mapping[Medium, str]] = {"sound": "Son", "picture": "Image"}
    directions: Final[Mapping[Direction, str]] = {
        "from": "au départ",
        "towards": _set("à l'arrivée"),
    }
    roles: Final[Mapping[Role, str]] = {
        Role.PRACTITIONER: "praticien",
        Role.PATIENT: "patient",
        Role.CARER: "aidant",
        Role.INTERPRETER: "interprète",
        Role.EXPERT: "expert",
        Role.ASSISTANT: "assistant",
        Role.DEVICE: "appareil médical",
        Role.OBSERVER: "observateur",
    }
    reasons: Final[Mapping[str, str]] = {
        "left": "est parti",
        "expired": _set("n'est pas revenu"),
        "ejected": "a été exclu",
        "moved": "a continué ailleurs",
        "room_closed": "la salle a été fermée",
        "draining": "le relais a été arrêté",
    }
    things: Final[Mapping[Checked, str]] = {
        Checked.BROWSER: "navigateur",
        Checked.SERVER: "lien",
        Checked.CLOCK: "heure",
        Checked.CAMERA: "caméra",
        Checked.MICROPHONE: "micro",
        Checked.SPEAKER: "haut-parleur",
        Checked.NETWORK: "réseau",
        Checked.BANDWIDTH: "débit",
    }
    verdicts: Final[Mapping[PrecallVerdict, str]] = {
        PrecallVerdict.READY: "tout fonctionne",
        PrecallVerdict.LIMITED: "quelque chose pourrait aller mieux",
        PrecallVerdict.NOT_READY: "quelque chose ne fonctionne pas",
    }
    outcomes: Final[Mapping[Outcome, str]] = {
        Outcome.GOOD: "bon",
        Outcome.WEAK: "faible",
        Outcome.BAD: "mauvais",
        Outcome.UNKNOWN: "inconnu",
    }
    causes: Final[Mapping[Cause, str]] = {
        Cause.DEVICE_ENDED: _set("l'appareil ne répondait plus"),
        Cause.DEVICE_MUTED: _set("l'appareil retenait le son ou l'image"),
        Cause.WRONG_DEVICE: "un autre appareil était en service",
        Cause.NO_SOUND: "le micro ne donnait aucun son",
        Cause.NO_PICTURE: "la caméra ne donnait aucune image",
        Cause.STOPPED: _set("rien n'arrivait de là-bas"),
        Cause.NEVER_CAME: _set("rien n'est jamais arrivé de là-bas"),
        Cause.HELD: _set("il n'y avait rien à transmettre"),
        Cause.LOST: _set("tout se perdait vers l'autre côté"),
        Cause.PLAY_REFUSED: "le navigateur attendait que la page soit touchée",
        Cause.PLAY_PAUSED: "la lecture était en pause",
        Cause.AUDIO_SUSPENDED: "le son de la page était suspendu",
        Cause.NO_SPEAKER: _set("le haut-parleur n'était plus là"),
    }
    states: Final[Mapping[ReceiverState, str]] = {
        "full": "toutes les images",
        "followed": "toutes les images, selon son chemin",
        "reduced": "des images plus petites ou moins fluides",
        "partly_paused": "des images en pause",
        "video_paused": "les images en pause",
        "audio_only": "le son seul",
    }
    adapted: Final = _set("le chemin vers l'autre bout ne portait pas plus")
    cut_causes: Final[Mapping[CutCause, str]] = {
        "network": _set("rien ne passait par le réseau, ou la page était à l'arrêt"),
        "device": _set("l'appareil ne donnait rien, comme pendant un appel téléphonique"),
        "new_connection": "une nouvelle connexion a été établie, comme après un rechargement",
        "gone": _set("sans retour"),
    }

    def person(self, role: Role, number: int | None) -> str:
        """Name somebody by role; the number tells several of one role apart."""
        name = self.roles[role]
        name = _set(f"l'{name}") if name[0] in "aeiou" else f"le {name}"
        return name if number is None else f"{name} ({number})"

    def date(self, year: int, month: int, day: int) -> str:
        """Write a date."""
        return f"{day:02}/{month:02}/{year:04}"

    def lasted(self, date: str, began: str, ended: str, duration: str, zone: str) -> str:
        """Say when and how long."""
        return f"La consultation du {date} a duré {duration}, de {began} à {ended} ({zone})."

    def goes_on(self, date: str, began: str, zone: str) -> str:
        """Say since when."""
        return f"La consultation du {date} est en cours depuis {began} ({zone})."

    def span(self, began: str, ended: str | None) -> str:
        """Say from when to when."""
        return f"depuis {began}" if ended is None else f"de {began} à {ended}"

    def unheard_of(self, receiver: str | None, publisher: str, source: Source) -> str:
        """Say who was not heard or seen, by whom."""
        whom = f"l'écran {_of(publisher)}" if source is Source.SCREEN else publisher
        done = "entendu" if source is Source.MICROPHONE else "vu"
        if receiver is None:
            return _set(f"Personne n'a {done} {whom}")
        return _set(f"{_capital(receiver)} n'a pas {done} {whom}")

    def unheard(
        self, receiver: str | None, publisher: str, source: Source, span: str, cause: Cause
    ) -> str:
        """Say the same with when and why."""
        told = self.unheard_of(receiver, publisher, source)
        return _set(f"{told} {span} : {self.causes[cause]}.")

    def was_cut(self, who: str, span: str, cause: CutCause) -> str:
        """Say who was cut off."""
        return _set(f"{_capital(who)} a été coupé {span} : {self.cut_causes[cause]}.")

    def lost(self, who: str, direction: Direction, percent: int, span: str) -> str:
        """Say how much of a sound was lost."""
        whose = _of(who) if direction == "from" else f"pour {who}"
        return _set(f"{percent} % du son {whose} se sont perdus {span}.")

    def flawed(self, who: str, medium: Medium, percent: int, span: str) -> str:
        """Say how much of what somebody received was flawed."""
        if medium == "sound":
            return _set(f"{percent} % du son reçu par {who} ont été inventés {span}.")
        return _set(f"L'image reçue par {who} est restée figée {percent} % du temps {span}.")

    def paused(self, who: str, span: str) -> str:
        """Say that somebody's pictures gave way to sound."""
        return _set(f"Les images pour {who} ont été mises en pause {span}, pour que le son passe.")

    def checked(self, who: str, verdict: PrecallVerdict) -> str:
        """Say what a check before the consultation came to."""
        told = f"Contrôle {_of(who)} avant la consultation : {self.verdicts[verdict]}."
        return _set(told)

    def smooth(self) -> str:
        """Say that nothing was amiss."""
        return _set("Le son et l'image sont passés tout le temps, autant que le relais le sache.")

    def more(self, count: int) -> str:
        """Say how much is left out of a list of sentences."""
        return _set(f"Il y en a eu {count} autres du même genre ; les tableaux les montrent.")

    def left_out(self, count: int) -> str:
        """Say how much is left out of the report."""
        return _set(f"{count} autres incidents n'ont pas été gardés : il y en avait trop.")

    def coarse(self, width_s: int) -> str:
        """Say that slots are longer than usual."""
        told = f"La consultation a été longue : les chiffres vont par {width_s} s, non par 5 s."
        return _set(told)

    def way(self, transport: str, *, relayed: bool, ip: int | None) -> str:
        """Say by which way media went."""
        through = f"{transport.upper()}{' par un serveur TURN' if relayed else ''}"
        return through if ip is None else f"{through}, IPv{ip}"

    def drawing(self, who: str, medium: Medium, direction: Direction, figures: str) -> str:
        """Describe a drawing."""
        return _set(f"{self.media[medium]} {self.directions[direction]}, {who} : {figures}")

    def rates(self, least: int, usual: int, most: int, lost_percent: float) -> str:
        """Sum a course up in figures."""
        lost = f"{lost_percent:.1f}".replace(".", ",")
        told = f"entre {least} et {most} kbit/s, d'ordinaire {usual} ; au plus {lost} % perdus"
        return _set(f"{told} dans une tranche.")

    def no_rates(self) -> str:
        """Say that there are no figures of a course."""
        return "aucun chiffre."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of(who: str) -> str:
    return f"de {who}".replace("de le ", "du ")
