"""The configuration: one frozen tree, parsed once at the edge.

Imports only `errors`. The only module that reads the environment: for secrets, and for where the
machine keeps state. An unknown key, a wrong type and a value out of bounds are each an error
that names the key; `deploy/visavis.sample.toml` parses to exactly these defaults (a test). Called
by `signalling.__main__`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from relay.errors import ConfigurationError

Port = Annotated[int, Meta(ge=0, le=65535)]
PositiveSeconds = Annotated[float, Meta(gt=0, le=86_400)]
VideoCodec = Literal["VP8", "H264", "VP9", "AV1"]
WebSocketUrl = Annotated[str, Meta(pattern=r"^wss?://[A-Za-z0-9.:\[\]-]+/")]

ENVIRONMENT_KEYS = "VISAVIS_KEYS"
"""The environment variable that may hold what a keys file holds, for containers without files."""
ENVIRONMENT_TURN = "VISAVIS_TURN_SECRET"
"""The same for the secret that is shared with TURN servers."""


class SignallingConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where browsers and backends reach the relay."""

    host: str = "127.0.0.1"
    port: Port = 8080
    allowed_origins: tuple[str, ...] = ()
    """Web origins whose pages may open the WebSocket; empty means the relay's own pages only."""
    join_timeout_s: PositiveSeconds = 10.0
    max_message_bytes: Annotated[int, Meta(ge=1024, le=1_048_576)] = 131_072
    """An offer with places for nine others takes 66 KiB, written as JSON."""
    relays: Annotated[tuple[WebSocketUrl, ...], Meta(max_length=64)] = ()
    """WebSocket addresses of the other relays to which people may be sent on from here."""
    public_url: str = ""
    """Where browsers reach the relay; empty means the address the API was asked at."""


class ApiConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The HTTP API for platforms; without an API key nobody may use it."""

    keys_file: str = ""
    """Hashed keys, mode 0600; empty means `api-keys` in the state folder."""
    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_200
    """Of each API key."""
    failures_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 10
    """Requests without a good key from one address; the next are told to wait."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=1_048_576)] = 65_536
    keep_reports_s: Annotated[float, Meta(ge=0, le=604_800)] = 86_400.0
    """How long a consultation's report is kept after its end; 0: not at all. One that webhooks do
    not carry either is not made."""
    store_reports: bool = False
    """Whether reports are kept on the disk, where they outlive a restart, and not in memory."""


class AuditConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What platforms changed through the API: JSON lines in a file of their own."""

    file: str = ""
    """Empty means `audit.jsonl` in the state folder."""
    max_bytes: Annotated[int, Meta(ge=4_096, le=1_073_741_824)] = 16_777_216
    """A file that has grown to this is put aside under its date."""
    keep_days: Annotated[int, Meta(ge=1, le=36_500)] = 365
    """How long files that were put aside are kept."""


class MetricsConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where Prometheus scrapes: a port of its own, to be kept from the public network."""

    host: str = "127.0.0.1"
    port: Port = 9090


class MediaConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where sound, picture and data come in, by UDP and by TCP."""

    listen: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)] = ("0.0.0.0", "::")  # noqa: S104 - media is meant to be reachable
    port: Port = 7882
    """The first worker's port; worker n listens on port + n; 0 lets the kernel choose."""
    workers: Annotated[int, Meta(ge=1, le=4)] = 1
    announce: tuple[str, ...] = ()
    """Addresses put into answers; empty means the machine's own."""
    tcp: bool = True
    """Whether media may come by TCP too, on the same ports, for networks that block UDP."""
    receive_buffer_bytes: Annotated[int, Meta(ge=65_536, le=1_073_741_824)] = 33_554_432
    gather_us: Annotated[int, Meta(ge=0, le=10_000)] = 900
    adaptation: bool = True
    """Whether pictures follow what paths carry (docs/adaptation.md)."""
    connect_timeout_s: PositiveSeconds = 15.0


class RoomsConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a room may hold, and for how long."""

    seat_keep_s: PositiveSeconds = 120.0
    """How long a seat outlives its last socket."""
    waiting_room: bool = False
    """Whether everybody who may not admit others waits to be admitted."""
    max_participants: Annotated[int, Meta(ge=1, le=100)] = 10
    max_publishing: Annotated[int, Meta(ge=1, le=10)] = 10
    """Of the participants, those who are seen or heard."""
    max_waiting: Annotated[int, Meta(ge=0, le=10_000)] = 100
    max_duration_s: PositiveSeconds = 43_200.0
    """How long a room stays open, unless a moderator extends it."""
    max_rooms: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    reserved_rooms: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Of those, how many only urgent consultations may open."""
    drain_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    """How long consultations may go on once the relay is told to stop; 0: not at all."""


class ChecksConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people may check before a consultation (docs/precall.md)."""

    measured_at_once: Annotated[int, Meta(ge=0, le=64)] = 4
    """Networks, each with up to `max_kbps`; with 0, all but their rate is checked."""
    max_kbps: Annotated[int, Meta(ge=500, le=10_000)] = 3_000
    """Up to which rate; what lies beyond is no news for a consultation."""


class CodecsConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which video codecs are answered, most wanted first."""

    video: Annotated[tuple[VideoCodec, ...], Meta(min_length=1)] = ("VP8", "H264", "VP9", "AV1")


class KeysConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where signing keys and the relay's own state are kept."""

    file: str = ""
    """One `id secret` per line, mode 0600; empty means the environment's, or the state folder's."""
    state_dir: str = ""
    """Empty means the user's state folder, or /var/lib/visavis for root."""


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is said, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class WebhooksConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the relay tells a platform by itself."""

    url: str = ""
    """Where events are sent; empty means nowhere."""
    secrets_file: str = ""
    """One `whsec_…` per line, mode 0600; empty means `webhook-secrets` in the state folder."""
    allow_http: bool = False
    allow_private: bool = False
    """Whether the receiver may be in a private network, or on this machine."""
    timeout_s: Annotated[float, Meta(gt=0, le=30)] = 5.0
    max_queued: Annotated[int, Meta(ge=1, le=10_000_000)] = 100_000
    max_report_bytes: Annotated[int, Meta(ge=0, le=4_194_304)] = 98_304
    """The largest report that `report.ready` carries, below what common servers take of a body (100
    kB); 0: none, only where the API gives it."""


class TurnConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """TURN servers of the operator's own, for networks that let no other way through."""

    urls: Annotated[tuple[str, ...], Meta(max_length=8)] = ()
    """As browsers take them (RFC 7065); empty means none."""
    secret_file: str = ""
    """The secret shared with them, mode 0600; empty means the environment's, or `turn-secret` in
    the state folder."""
    lifetime_s: Annotated[float, Meta(ge=60, le=86_400)] = 900.0
    """How long credentials are good for; clients are given others at half of it."""


class RelayConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole tree; every section and key may be left out."""

    signalling: SignallingConfig = field(default_factory=SignallingConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    media: MediaConfig = field(default_factory=MediaConfig)
    rooms: RoomsConfig = field(default_factory=RoomsConfig)
    checks: ChecksConfig = field(default_factory=ChecksConfig)
    codecs: CodecsConfig = field(default_factory=CodecsConfig)
    keys: KeysConfig = field(default_factory=KeysConfig)
    api: ApiConfig = field(default_factory=ApiConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    webhooks: WebhooksConfig = field(default_factory=WebhooksConfig)
    turn: TurnConfig = field(default_factory=TurnConfig)
    log: LogConfig = field(default_factory=LogConfig)


def load_config(path: Path | None) -> RelayConfig:
    """Read a configuration file.

    Args:
        path: The TOML file; `None` means the defaults.

    Raises:
        ConfigurationError: The file cannot be read, is not TOML, or a key is unknown, of a wrong
            type or out of bounds.

    """
    if path is None:
        return RelayConfig()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The configuration file {path} cannot be read: {_reason(error)}."
        raise ConfigurationError(message) from error
    return parse_config(text)


def parse_config(text: str) -> RelayConfig:
    """Parse a configuration file's text.

    Raises:
        ConfigurationError: The text is not TOML, or a key is unknown, of a wrong type or out of
            bounds.

    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"The configuration is not valid TOML: {error}."
        raise ConfigurationError(message) from error
    try:
        config = msgspec.convert(document, RelayConfig)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_named(str(error))) from error
    last_port = config.media.port + config.media.workers - 1
    if last_port > 65535:  # noqa: PLR2004 - the largest UDP port (RFC 768)
        message = "The configuration key media.port leaves no port for the last of media.workers."
        raise ConfigurationError(message)
    return config


def keys_text_from_environment(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the signing keys of the environment, in the form of a keys file; `None` if unset."""
    return environ.get(ENVIRONMENT_KEYS)


def turn_secret_from_environment(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the secret that is shared with TURN servers; `None` if the environment has none."""
    return environ.get(ENVIRONMENT_TURN)


def state_directory(
    config: KeysConfig, environ: Mapping[str, str] = os.environ, *, uid: int | None = None
) -> Path:
    """Say where the relay keeps its state: XDG's place for a person, the FHS's for root."""
    if config.state_dir:
        return Path(config.state_dir).expanduser()
    if (os.getuid() if uid is None else uid) == 0:
        return Path("/var/lib/visavis")
    base = environ.get("XDG_STATE_HOME") or str(
        Path(environ.get("HOME", "~")).expanduser() / ".local" / "state"
    )
    return Path(base) / "visavis"


def _named(complaint: str) -> str:
    """Turn msgspec's `… - at `$.media.port`` into a sentence that names the key."""
    what, _, where = complaint.partition(" - at `$")
    section = where.rstrip("`").lstrip(".").replace("[...]", "")
    if "unknown field" in what:
        key = what.rsplit("`", 2)[-2]
        return f"The configuration key {f'{section}.{key}' if section else key} is unknown."
    wrong = f"{what[0].lower()}{what[1:]}"
    return f"The configuration key {section or '(document)'} has a wrong value: {wrong}."


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not UTF-8 text"
