"""Options on the command line: what is refused is refused with a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def parser(name: str, words: str) -> argparse.ArgumentParser:
    """Make the parser of one measurement, with the options all of them have."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=words,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--runs", type=within(1, 20), default=5, help="medians are over so many")
    made.add_argument("--seed", type=within(0, 2**32 - 1), default=1, help="the same traffic again")
    return made


def add_adaptation(parser: argparse.ArgumentParser) -> None:
    """Let a measurement of load be made without adaptation, which is how relays are deployed."""
    parser.add_argument(
        "--adaptation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether pictures follow what paths carry (media.adaptation); without it the result "
        "has a name of its own",
    )


def result_name(name: str, *, adaptation: bool) -> str:
    """Say under which name the result of a measurement of load stands."""
    return name if adaptation else f"{name}_unadapted"


def within(low: int, high: int) -> Callable[[str], int]:
    """Accept whole numbers from `low` to `high`."""

    def number(text: str) -> int:
        try:
            value = int(text.replace("_", "").replace(",", ""))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not between {low:,} and {high:,}")
        return value

    return number


def seconds(text: str) -> float:
    """Accept a time a run can be measured for."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 1.0 <= value <= 240.0:
        raise argparse.ArgumentTypeError(f"a run is measured for 1 to 240 s, not {value:g}")
    return value
