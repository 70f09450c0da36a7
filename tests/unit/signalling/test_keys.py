from __future__ import annotations

import base64
import itertools
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from relay.config import KeysConfig
from relay.errors import ConfigurationError
from signalling.keys import Key, create_key, key_path, load_keys, parse_keys, signing_key

SECRET = "s" * 32


def public_text(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeysConfig:
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)
    return KeysConfig(state_dir=str(tmp_path / "state"))


def test_a_file_holds_one_key_per_line() -> None:
    public = public_text(ec.generate_private_key(ec.SECP256R1()))
    ring = parse_keys(
        f"# the clinic\nclinic-1 {SECRET}\n\n  lab HS256 {SECRET}x\nbooth ES256 {public}\n", "here"
    )
    assert {key.id: key.algorithm for key in ring.values()} == {
        "clinic-1": "HS256",
        "lab": "HS256",
        "booth": "ES256",
    }
    assert ring["clinic-1"].material == SECRET.encode()


@pytest.mark.parametrize(
    "line",
    [
        "alone",
        f"../../etc/passwd {SECRET}",
        f"{'i' * 65} {SECRET}",
        f"id {'s' * 31}",
        f"id RS256 {SECRET}",
        f"id ES256 {SECRET}",
        "id ES256 not-base64",
        f"id ES256 {public_text(ec.generate_private_key(ec.SECP384R1()))}",
        f"id ES256 {public_text(ed25519.Ed25519PrivateKey.generate())}",
        f"id HS256 {SECRET} more",
        f"twice {SECRET}\ntwice {SECRET}",
    ],
    # Keys are new each time, and names of tests are not.
    ids=itertools.count(),
)
def test_a_line_that_is_no_key_is_named_by_number_and_never_quoted(line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_keys(f"# comment\n{line}", "the key file")
    assert "of the key file" in refused.value.words
    assert refused.value.words.startswith("Line ")
    assert SECRET not in refused.value.words


def test_a_key_does_not_show_its_secret() -> None:
    assert SECRET not in repr(Key("id", "HS256", SECRET.encode()))


def test_a_created_key_is_readable_by_its_owner_only_and_is_read_back(config: KeysConfig) -> None:
    path = create_key(config)
    assert path == key_path(config)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    (key,) = load_keys(config).values()
    assert key.algorithm == "HS256"


def test_a_key_that_is_there_already_is_kept(config: KeysConfig) -> None:
    create_key(config)
    before = dict(load_keys(config))
    create_key(config)
    assert dict(load_keys(config)) == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(config: KeysConfig, mode: int) -> None:
    path = create_key(config)
    path.chmod(mode)
    with pytest.raises(ConfigurationError) as refused:
        load_keys(config)
    assert refused.value.action == f"Run: chmod 600 {path}"


def test_without_any_key_the_ring_is_empty(config: KeysConfig) -> None:
    assert load_keys(config) == {}


def test_a_configured_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_keys(KeysConfig(file=str(tmp_path / "missing")))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        load_keys(KeysConfig(file=str(path)))


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_keys(KeysConfig(file=str(tmp_path)))


def test_a_state_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="cannot be created"):
        create_key(KeysConfig(state_dir=str(tmp_path / "file" / "state")))


def test_keys_come_from_the_environment_unless_a_file_is_configured(
    config: KeysConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISAVIS_KEYS", f"container {SECRET}")
    assert list(load_keys(config)) == ["container"]
    path = tmp_path / "keys"
    path.write_text(f"file {SECRET}")
    path.chmod(0o600)
    assert list(load_keys(KeysConfig(file=str(path)))) == ["file"]


def public_line(key_id: str) -> str:
    return f"{key_id} ES256 {public_text(ec.generate_private_key(ec.SECP256R1()))}\n"


def test_tokens_are_signed_with_the_first_key_that_has_a_secret(config: KeysConfig) -> None:
    ring = parse_keys(f"{public_line('booth')}first {SECRET}\nsecond {SECRET}x\n", "here")
    assert signing_key(ring, config).id == "first"


def test_without_any_key_to_sign_with_serving_on_loopback_is_advised(config: KeysConfig) -> None:
    with pytest.raises(ConfigurationError, match="no signing key with a secret") as refused:
        signing_key(load_keys(config), config)
    assert "`visavis serve` once on loopback" in refused.value.action


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("key_ids", [("booth",), ("key-1", "key-2")])
def test_where_all_keys_are_public_the_advice_adds_a_secret(
    tmp_path: Path, key_ids: tuple[str, ...], *, ended: bool
) -> None:
    path = tmp_path / "it's here"
    text = "".join(map(public_line, key_ids))
    path.write_text(text if ended else text.rstrip())
    path.chmod(0o600)
    config = KeysConfig(file=str(path))
    with pytest.raises(ConfigurationError) as refused:
        signing_key(load_keys(config), config)
    assert str(path) in refused.value.words
    assert "visavis serve" not in refused.value.action
    advised = refused.value.action.removeprefix("Run: ")
    subprocess.run(advised, shell=True, check=True)  # noqa: S602 - ours
    keys = load_keys(config)
    assert signing_key(keys, config).id not in key_ids
    assert set(key_ids) < set(keys)


def test_where_all_keys_of_the_environment_are_public_the_advice_adds_a_secret(
    config: KeysConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISAVIS_KEYS", public_line("booth").rstrip())
    with pytest.raises(ConfigurationError, match="environment variable VISAVIS_KEYS") as refused:
        signing_key(load_keys(config), config)
    advised = refused.value.action.removeprefix("Run: ")
    said = subprocess.check_output(  # noqa: S602 - ours
        f'{advised} && printf %s "$VISAVIS_KEYS"', shell=True, text=True
    )
    monkeypatch.setenv("VISAVIS_KEYS", said)
    keys = load_keys(config)
    assert [key.algorithm for key in keys.values()] == ["ES256", "HS256"]
    assert signing_key(keys, config).algorithm == "HS256"
