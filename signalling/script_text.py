"""JavaScript without what only its readers need: comments, indentation, spaces, empty lines.

And with short names of what nobody else names: a phone on its first visit waits for every byte.
Pure, and for our own modules only, whose style is known: it reads tokens (ECMA-262 §12), not
grammar, and takes a `/` after a closing brace for a division. A test holds every module of the SDK
against TypeScript's reading of it. Called by `signalling.assets`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment> //[^\n]* | /\*.*?\*/ )
      | (?P<text> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
      | (?P<space> \s+ )
      | (?P<code> [^\s"'`/{}]+ )
      | (?P<mark> . )""",
    re.VERBOSE | re.DOTALL,
)
_PRIVATE_NAME: Final = re.compile(r"#[A-Za-z_$][\w$]*")
_CONSTANT: Final = re.compile(r"(?<![\w$.#])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w$])")
_PROPERTY: Final = re.compile(r"\.\s*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)")
_EXPORTED: Final = re.compile(r"^export const\{([^}]*)\}", re.MULTILINE)
_LAST: Final = re.compile(r"[\w$]+$|.$")
_REGULAR_EXPRESSION: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE_PART: Final = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_BEFORE_A_VALUE: Final = frozenset("(,=:[!&|?{;+-*%<>~^") | {
    *("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "await", "yield")
}
"""After these a `/` begins a regular expression; after anything else it divides."""

_STANDS_ALONE: Final = frozenset("(){}[],;:=<>?!&|")
"""No space is needed beside these; beside `+`, `-`, `/` and words it may be."""

_ASKS_FOR_MORE: Final = frozenset(";{(,[")
"""A statement has ended with the first, and ends with none of the others."""


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


def with_short_private_names(source: str) -> str:
    """Give a module's text with its private names (`#name`) as short as they can be.

    Nothing outside of a class can say them (ECMA-262 §15.7), so that every class may go by new
    ones; one name stays one name throughout the module.

    Raises:
        ValueError: A string, template, comment or block has no end.

    """
    short: dict[str, str] = {}

    def shortened(name: re.Match[str]) -> str:
        return short.setdefault(name.group(), f"#{_letters(len(short))}")

    return "".join(
        _PRIVATE_NAME.sub(shortened, text) if kind == "code" else text
        for kind, text in _tokens(source)
    )


def with_short_constants(source: str) -> str:
    """Give a gathered text with its constants' names (`RETRY_MS`) as short as they can be.

    They are written so in our modules and nowhere else: no browser's name that they use has an
    underscore between capitals, except as a property, and those stay as they are. So do names that
    the text exports.

    Raises:
        ValueError: As above.

    """
    tokens = list(_tokens(source))
    code = "".join(text if kind in {"code", "mark"} else " " for kind, text in tokens)
    exported = _EXPORTED.search(source)
    kept = {*_PROPERTY.findall(code), *re.findall(r"\w+", exported[1] if exported else "")}
    names = dict.fromkeys(name for name in _CONSTANT.findall(code) if name not in kept)
    short = {name: f"${_letters(number)}" for number, name in enumerate(names)}
    return "".join(
        _CONSTANT.sub(lambda name: short.get(name[0], name[0]), text) if kind == "code" else text
        for kind, text in tokens
    )


def with_short_styles(source: str) -> str:
    """Give the text of a module of styles, its templates without comments and needless space.

    What fills a template's gaps keeps the space beside it: `calc(${a} + 1px)` needs it.

    Raises:
        ValueError: As above.

    """
    return "".join(
        text[0] + _short_style(text[1:]) if kind == "text" and text[0] in "`}" else text
        for kind, text in _tokens(source)
    )


def _short_style(style: str) -> str:
    """Shorten a part of a style sheet (CSS Syntax Level 3 §4) without strings that hold marks."""
    text = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":")
    return re.sub(r"(?<![\w.-])0\.(?=\d)", ".", text.replace(";}", "}"))


def on_fewer_lines(source: str) -> str:
    """Give a text without comments and without the line breaks that end no statement.

    One does not where what is before it asks for more, or has ended a statement itself, and where
    a bracket closes after it (ECMA-262 §12.10.1). A block that ends has ended its last statement,
    too; none of ours is an empty one.

    Raises:
        ValueError: As above.

    """
    written: list[str] = [";"]
    gap = ""
    for kind, text in _tokens(source):
        if kind == "space":
            gap = text
            continue
        if gap and not (written[-1][-1] in _ASKS_FOR_MORE or text[0] in "})]"):
            written.append(gap)
        if kind == "mark" and text == "}":
            written[-1] = written[-1].removesuffix(";")
        written.append(text)
        gap = ""
    return "".join(written[1:]) + "\n"


def _letters(number: int) -> str:
    """Name a number by letters: a to z, then aa, ab and so on."""
    before, last = divmod(number, len(ascii_lowercase))
    return (_letters(before - 1) if before else "") + ascii_lowercase[last]


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
