"""One module out of many, so that a browser asks once instead of once for each file.

Pure. The SDK's modules stay what they are, and each is still served as it is written; what is
gathered is their entry, for the first visit on a phone pays for every request. Each module becomes
a function that gives its exports, in the order in which the browser would evaluate them
(ECMA-262 §16.2.1.6), so names of one module never meet those of another. What a module fetches
later (`import("./panels.js")`) is not gathered with it: it is an entry of its own. Called by
`signalling.assets`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_IMPORT: Final = re.compile(r'^import ?\{([^}]*)\} ?from ?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT_FROM: Final = re.compile(r'^export ?\{([^}]*)\} ?from ?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT_LIST: Final = re.compile(r"^export ?\{([^}]*)\};\n", re.MULTILINE)
_EXPORT: Final = re.compile(
    r"^export ((?:const|class|function|async function) ([\w$]+))", re.MULTILINE
)
_FETCH: Final = re.compile(r'\bimport\("(\.[^"]+)"\)')
_LEFT_OVER: Final = re.compile(r"^(?:import|export)\b(?![.(])", re.MULTILINE)


def gather(modules: Mapping[str, str], entry: str) -> str:
    """Give a module that does what the entry and all it imports do.

    Args:
        modules: Their texts without comments, by path below one folder. They export names that
            never change value, import by name, and never one another in a circle.
        entry: The path of the module whose exports are those of the result.

    Raises:
        ValueError: A module is missing, or is written in a way that is not understood.

    """
    numbers: dict[str, int] = {}
    written: list[str] = []
    exported = _add(modules, entry, numbers, written, (entry,))
    written.append(f"export const{{{','.join(exported)}}}=$${numbers[entry]};\n")
    return "".join(written)


def fetched_later(modules: Mapping[str, str], entry: str) -> frozenset[str]:
    """Give what a gathered entry fetches when it needs it: the paths of other entries."""
    folder = posixpath.dirname(entry)
    return frozenset(
        posixpath.normpath(posixpath.join(folder, relative))
        for relative in _FETCH.findall(gather(modules, entry))
    )


def _add(
    modules: Mapping[str, str],
    path: str,
    numbers: dict[str, int],
    written: list[str],
    importers: tuple[str, ...],
) -> list[str]:
    """Write a module after those it imports; give the names it exports.

    Args:
        modules: As above.
        path: Which one.
        numbers: Of those that are written.
        written: What they have become.
        importers: From the entry down to this module.

    """
    if path in importers[:-1]:
        raise ValueError(f"{path} imports itself, through {importers[:-1]}.")
    if path not in modules:
        raise ValueError(f"{importers[-2:-1]} imports {path}, which is not there.")
    text = modules[path]
    folder = posixpath.dirname(path)
    taken: list[str] = []
    given: dict[str, str] = {}
    for form in (_IMPORT, _EXPORT_FROM):
        for listed, relative in form.findall(text):
            source = posixpath.normpath(posixpath.join(folder, relative))
            if source not in numbers:
                _add(modules, source, numbers, written, (*importers, source))
            names = _names(listed, path)
            if form is _IMPORT:
                taken.append(f"const{{{','.join(names)}}}=$${numbers[source]};\n")
            else:
                given |= {name: f"{name}:$${numbers[source]}.{name}" for name in names}
        text = form.sub("", text)
    for listed in _EXPORT_LIST.findall(text):
        given |= {name: name for name in _names(listed, path)}
    text = _EXPORT_LIST.sub("", text)
    given |= {name: name for _, name in _EXPORT.findall(text)}
    text = _EXPORT.sub(r"\1", text)
    if left := _LEFT_OVER.search(text):
        raise ValueError(f"{path} is not understood: {text[left.start() :][:60]!r}.")
    text = _as_fetched_from(importers[0], folder, text)
    numbers[path] = len(numbers)
    body = f"{''.join(taken)}{text}return{{{','.join(given.values())}}};\n"
    written.append(f"const $${numbers[path]}=(()=>{{\n{body}}})();\n")
    return list(given)


def _as_fetched_from(entry: str, folder: str, text: str) -> str:
    """Write what a module fetches as its entry has to say it: it stands where the entry does."""
    upwards = "../" * entry.count("/") or "./"

    def said(match: re.Match[str]) -> str:
        return f'import("{upwards}{posixpath.normpath(posixpath.join(folder, match[1]))}")'

    return _FETCH.sub(said, text)


def _names(listed: str, path: str) -> list[str]:
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not all(re.fullmatch(r"[\w$]+", name) for name in names):
        raise ValueError(f"{path} renames what it imports or exports: {names}.")
    return names
