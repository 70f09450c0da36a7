from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from relay.config import RelayConfig, load_config

SAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "visavis.sample.toml"


def test_the_sample_configuration_is_the_defaults() -> None:
    assert load_config(SAMPLE) == RelayConfig()


def test_the_sample_configuration_shows_every_key() -> None:
    shown = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    every = msgspec.to_builtins(RelayConfig())
    assert {section: set(keys) for section, keys in shown.items()} == {
        section: set(keys) for section, keys in every.items()
    }


def test_every_key_of_the_sample_is_explained() -> None:
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            assert " # " in line or line.startswith("video"), line
