"""A message for each field of a type, with a place in it for something that does not belong there.

Made of the types themselves, so that a field that comes later is tried without a word here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from msgspec import inspect

HOLE: Final = "@here@"

TOO_MUCH: Final = (
    "1" * 400,
    "-" + "1" * 400,
    "1" * 5_000,
    "1e400",
    "-1e400",
    "1e308",
    "-1e308",
    "NaN",
    "Infinity",
    "-Infinity",
    "18446744073709551616",
    "-9223372036854775809",
)
"""Numbers that JSON or Python can write and that nothing of ours can mean."""

_CONSULTATION: Final = "c-" + "0" * 32


@dataclass(frozen=True)
class Hole:
    """One field of a type, in an otherwise sound message."""

    path: str
    text: str
    """JSON, with `HOLE` (quoted) where the field's value goes."""
    is_number: bool

    def filled(self, number: str) -> bytes:
        """Give the message with a number there."""
        return self.text.replace(json.dumps(HOLE), number).encode()


def holes(of: Any) -> Iterator[Hole]:
    """Give each field of a struct, or of each struct of a union."""
    found = inspect.type_info(of)
    for struct in found.types if isinstance(found, inspect.UnionType) else (found,):
        assert isinstance(struct, inspect.StructType)
        for path, value, is_number in _places(struct):
            name = ".".join((struct.cls.__name__, *path))
            yield Hole(name, json.dumps(value), is_number)


def _places(struct: inspect.StructType) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    sound = _sound(struct)
    for field in struct.fields:
        name = field.encode_name
        bare = _bare(field.type)
        for inner in bare:
            if isinstance(inner, inspect.StructType):
                for path, value, is_number in _places(inner):
                    label = (name, str(inner.tag)) if inner.tag else (name,)
                    yield (*label, *path), {**sound, name: value}, is_number
        is_number = any(isinstance(each, inspect.IntType | inspect.FloatType) for each in bare)
        yield (name,), {**sound, name: HOLE}, is_number


def _bare(of: inspect.Type) -> tuple[inspect.Type, ...]:
    """Give what a field may be, without descriptions."""
    while isinstance(of, inspect.Metadata):
        of = of.type
    if isinstance(of, inspect.UnionType):
        return tuple(inner for each in of.types for inner in _bare(each))
    return (of,)


def _sound(struct: inspect.StructType) -> dict[str, Any]:
    """Give a message that is read: with what has to be in it, and no more."""
    tag = {} if struct.tag_field is None else {struct.tag_field: struct.tag}
    return tag | {
        field.encode_name: _value(field.type) for field in struct.fields if field.required
    }


def _value(of: inspect.Type) -> Any:  # noqa: PLR0911 - one for each kind of type
    match _bare(of)[0]:
        case inspect.StructType() as struct:
            return _sound(struct)
        case inspect.StrType(pattern=pattern):
            return _CONSULTATION if pattern and "c-" in pattern else "a"
        case inspect.EnumType(cls=words):
            return next(iter(words)).value
        case inspect.LiteralType(values=words):
            return words[0]
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return 1
        case inspect.DictType():
            return {}
        case inspect.VarTupleType(item_type=item):
            return [_value(item)]
        case inspect.AnyType() | inspect.NoneType():
            return None
        case other:
            raise NotImplementedError(other)
