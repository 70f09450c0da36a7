"""The files browsers load: read once at start, served from memory.

A request names a key of a table; no path is ever made from what a stranger sends, so there is
nothing to traverse, list or follow. Called by `signalling.app`.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from signalling.gathering import fetched_later, gather
from signalling.script_text import (
    on_fewer_lines,
    with_short_constants,
    with_short_private_names,
    with_short_styles,
    without_comments,
)

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".d.ts": "text/plain; charset=utf-8",  # declarations, read by people
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",  # RFC 9239 §6
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""Every kind of file that is served; others, as package.json, stay where they are. The system's
table is not asked: it differs from machine to machine, and browsers refuse a module of another
type."""

SDK_ENTRIES: Final = ("visavis.js", "consultation.js", "check.js", "react.js")
"""What pages import, each sent as one module, and so is what these fetch later; every other module
is sent as it is written."""

_BUILT: Final = frozenset({"dist", "types"})
_COMPRESSIBLE: Final = frozenset({".css", ".d.ts", ".html", ".js", ".map", ".svg"})
_PRIVATE_PARTS: Final = frozenset({"node_modules", "__pycache__"})
_WORTH_COMPRESSING_BYTES: Final = 1_024  # one packet either way below that


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    compressed: bytes | None
    content_type: str
    tag: str


Assets = Mapping[str, Asset]


def read_assets(folder: Path) -> Assets:
    """Read every file of a folder that browsers may have, by its path below the folder."""
    return {path.relative_to(folder).as_posix(): _read(path) for path in sorted(_servable(folder))}


def read_sdk(folder: Path) -> Assets:
    """Read the browser SDK's folder, with its entries gathered from their modules.

    What an entry fetches later is an entry, too: a language, a panel.

    Raises:
        ValueError: A module is written in a way that gathering does not understand.

    """
    assets = dict(read_assets(folder))
    modules = {
        path: _as_gathered(path, asset.body.decode())
        for path, asset in assets.items()
        if path.endswith(".js") and path.split("/")[0] not in _BUILT
    }
    for entry in gathered_entries(modules):
        text = on_fewer_lines(with_short_constants(gather(modules, entry)))
        assets[entry] = _asset(text.encode(), ".js")
    return assets


def _as_gathered(path: str, source: str) -> str:
    """Write a module in as few bytes as it needs."""
    text = with_short_private_names(without_comments(source))
    return with_short_styles(text) if "/styles/" in path else text


def gathered_entries(modules: Mapping[str, str]) -> tuple[str, ...]:
    """Give what is sent as one module each: what pages import, and what that fetches later.

    Raises:
        ValueError: As above.

    """
    found: list[str] = []
    asked = [entry for entry in SDK_ENTRIES if entry in modules]
    while asked:
        entry = asked.pop()
        if entry not in found:
            found.append(entry)
            asked += fetched_later(modules, entry)
    return tuple(sorted(found))


def respond(asset: Asset, request: web.Request, headers: Mapping[str, str]) -> web.Response:
    """Answer a GET or HEAD for a file, with 304 where the browser has it already.

    `no-cache` means asking each time (RFC 9111 §5.2.2.4): the SDK and the pages must be of the
    relay's version, and their addresses carry none.
    """
    is_compressed = asset.compressed is not None and _accepts_gzip(request)
    tag = f"{asset.tag}-gz" if is_compressed else asset.tag
    own = {
        hdrs.CACHE_CONTROL: "no-cache",
        hdrs.ETAG: f'"{tag}"',
        hdrs.VARY: "Accept-Encoding",
        **headers,
    }
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers=own)
    own[hdrs.CONTENT_TYPE] = asset.content_type
    if asset.compressed is not None and is_compressed:
        own[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=asset.compressed, headers=own)
    return web.Response(body=asset.body, headers=own)


def _servable(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_private = any(part.startswith(".") or part in _PRIVATE_PARTS for part in parts)
        if _kind_of(path) in CONTENT_TYPES and not is_private and path.is_file():
            yield path


def _kind_of(path: Path) -> str:
    """The end of a file's name that says what it is: `.d.ts` is served, `.ts` is not."""
    return ".d.ts" if path.name.endswith(".d.ts") else path.suffix


def _read(path: Path) -> Asset:
    return _asset(path.read_bytes(), _kind_of(path))


def _asset(body: bytes, kind: str) -> Asset:
    worth = kind in _COMPRESSIBLE and len(body) >= _WORTH_COMPRESSING_BYTES
    return Asset(
        body=body,
        compressed=gzip.compress(body, mtime=0) if worth else None,
        content_type=CONTENT_TYPES[kind],
        tag=hashlib.sha256(body).hexdigest()[:32],
    )


def _accepts_gzip(request: web.Request) -> bool:
    """Read Accept-Encoding (RFC 9110 §12.5.3) as far as browsers use it."""
    for offered in request.headers.get(hdrs.ACCEPT_ENCODING, "").split(","):
        coding, _, weight = offered.partition(";")
        if coding.strip().lower() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
