"""JavaScript without what only its readers need: comments, indentation, spaces, empty lines.

Pure, and for our own modules only, whose style is known: it reads tokens (ECMA-262 §12), not
grammar, and takes a `/` after a closing brace for a division. A test holds every module of the SDK
against TypeScript's reading of it. Called by `signalling.gathering`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment> //[^\n]* | /\*.*?\*/ )
      | (?P<text> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
      | (?P<space> \s+ )
      | (?P<code> [^\s"'`/{}]+ )
      | (?P<mark> . )""",
    re.VERBOSE | re.DOTALL,
)
_LAST: Final = re.compile(r"[\w$]+$|.$")
_REGULAR_EXPRESSION: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE_PART: Final = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_BEFORE_A_VALUE: Final = frozenset("(,=:[!&|?{;+-*%<>~^") | {
    *("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "await", "yield")
}
"""After these a `/` begins a regular expression; after anything else it divides."""

_STANDS_ALONE: Final = frozenset("(){}[],;:=<>?!&|")
"""No space is needed beside these; beside `+`, `-`, `/` and words it may be."""


def without_comments(source: str) -> str:
    """Give a module's text without comments, indentation and needless space.

    Strings, templates and regular expressions stay as they are, and so does every line break
    between two tokens: it may end a statement (ECMA-262 §12.10).

    Raises:
        ValueError: A string, template, comment or block has no end.

    """
    written: list[str] = []
    gap = ""
    for kind, text in _tokens(source):
        if kind in {"comment", "space"}:
            gap = "\n" if "\n" in text + gap else " "
            continue
        is_needless = gap == " " and (
            text[0] in _STANDS_ALONE or not written or written[-1][-1] in _STANDS_ALONE
        )
        if gap and not is_needless:
            written.append(gap)
        written.append(text)
        gap = ""
    return "".join(written).lstrip() + "\n"


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    """Cut a text into tokens, or runs of them: kind and text, in order and without loss."""
    at, before = 0, ";"
    # What each brace that is open stands in: code of the module, or a template.
    is_in_template: list[bool] = []
    while at < len(source):
        match = _TOKEN.match(source, at)
        assert match is not None, "any character is a mark"
        kind, text = str(match.lastgroup), match.group()
        if text == "{":
            is_in_template.append(False)
        elif text == "`" or (text == "}" and is_in_template and is_in_template.pop()):
            kind, text = "text", text + _found(_TEMPLATE_PART.match(source, at + 1), source, at)
            if text.endswith("${"):
                is_in_template.append(True)
        elif text == "/" and _begins_a_value(before):
            kind, text = "text", _found(_REGULAR_EXPRESSION.match(source, at), source, at)
        elif text in {'"', "'"} or (kind == "mark" and source.startswith("/*", at)):
            _found(None, source, at)
        if kind not in {"space", "comment"}:
            before = text
        yield kind, text
        at += len(text)
    if is_in_template:
        raise ValueError("A brace that was opened is not closed.")


def _begins_a_value(before: str) -> bool:
    """Whether a `/` after this token begins a regular expression."""
    last = _LAST.search(before)
    return last is not None and last.group() in _BEFORE_A_VALUE


def _found(match: re.Match[str] | None, source: str, at: int) -> str:
    if match is None:
        line = source.count("\n", 0, at) + 1
        raise ValueError(f"What begins in line {line} is not closed: {source[at : at + 20]!r}.")
    return match.group()
