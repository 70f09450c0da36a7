from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import signalling.app
from relay.config import KeysConfig, RelayConfig
from relay.errors import ConfigurationError
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from tests.unit.signalling.fake_relay import FakeRelay

Client = TestClient[Any, Any]
MODULE = "// Bonjour.\nexport const words = 'bonjour';\n" + "// Bonjour.\n" * 200


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a package folder with known pages and modules, and things nobody may have."""
    files = {
        "client/visavis.js": '/** The entry. */\nexport { words } from "./words/fr.js";\n',
        "client/words/fr.js": MODULE,
        "client/.secret": "no",
        "client/notes.py": "no",
        "client/package.json": "no",
        "client/tsconfig.json": "no",
        "client/source.ts": "no",
        "client/types/visavis.d.ts": "export {};\n",
        "client/node_modules/other/index.js": "no",
        "pages/consultation.html": "<!doctype html><title>Consultation</title>",
        "pages/index.html": "<!doctype html><title>Visavis</title>",
        "pages/style.css": "body { color: black }",
        "keys.py": "no",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(signalling.app, "_FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def config(folder: Path) -> RelayConfig:
    assert folder.is_dir()
    return RelayConfig()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/consultation", "text/html; charset=utf-8"),
        ("/pages/style.css", "text/css; charset=utf-8"),
        ("/sdk/visavis.js", "text/javascript; charset=utf-8"),
        ("/sdk/words/fr.js", "text/javascript; charset=utf-8"),
        ("/sdk/types/visavis.d.ts", "text/plain; charset=utf-8"),
    ],
)
async def test_a_file_has_its_type_and_is_asked_for_again_by_tag(
    client: Client, path: str, content_type: str
) -> None:
    async with client.get(path) as first:
        assert first.status == 200
        assert first.headers["Content-Type"] == content_type
        assert first.headers["Cache-Control"] == "no-cache"
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        tag = first.headers["ETag"]
    async with client.get(path, headers={"If-None-Match": tag}) as second:
        assert second.status == 304
        assert await second.read() == b""
        assert second.headers["ETag"] == tag
    async with client.get(path, headers={"If-None-Match": '"other"'}) as third:
        assert third.status == 200
    async with client.head(path) as head:
        assert head.status == 200
        assert head.headers["Content-Type"] == content_type


async def test_modules_are_open_to_every_origin_and_pages_are_not(client: Client) -> None:
    async with client.get("/sdk/visavis.js", headers={"Origin": "https://clinic.example"}) as sdk:
        assert sdk.headers["Access-Control-Allow-Origin"] == "*"
        assert sdk.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    async with client.get("/consultation") as page:
        assert "Access-Control-Allow-Origin" not in page.headers


async def test_pages_run_nothing_inline_and_speak_to_their_own_relay_only(client: Client) -> None:
    async with client.get("/consultation") as response:
        policy = response.headers["Content-Security-Policy"]
        authority = f"{client.host}:{client.port}"
        assert f"connect-src 'self' ws://{authority} wss://{authority};" in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'self'" in policy


async def test_a_host_cannot_break_out_of_the_policy(client: Client) -> None:
    async with client.get("/consultation", headers={"Host": "a; script-src *"}) as response:
        assert "script-src *" not in response.headers["Content-Security-Policy"]


async def test_text_is_compressed_for_those_who_can_read_it(client: Client) -> None:
    plain = {"Accept-Encoding": "identity"}
    async with client.get("/sdk/words/fr.js", headers=plain) as response:
        assert "Content-Encoding" not in response.headers
        assert int(response.headers["Content-Length"]) == len(MODULE)
        plain_tag = response.headers["ETag"]
    async with client.get("/sdk/words/fr.js", headers={"Accept-Encoding": "br, gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert int(response.headers["Content-Length"]) < len(MODULE) / 10
        assert await response.text() == MODULE
        assert response.headers["ETag"] != plain_tag
    refused = {"Accept-Encoding": "gzip;q=0"}
    async with client.get("/sdk/words/fr.js", headers=refused) as response:
        assert "Content-Encoding" not in response.headers


async def test_the_entry_of_the_sdk_is_one_module_and_the_others_are_as_written(
    client: Client,
) -> None:
    async with client.get("/sdk/visavis.js") as response:
        text = await response.text()
    assert "import" not in text
    assert text.endswith("export const{words}=$$1;\n")
    async with client.get("/sdk/words/fr.js") as response:
        assert await response.text() == MODULE


@pytest.mark.parametrize(
    "path",
    [
        "/sdk/",
        "/sdk",
        "/pages/",
        "/sdk/words/",
        "/sdk/words",
        "/sdk/.secret",
        "/sdk/notes.py",
        "/sdk/package.json",
        "/sdk/tsconfig.json",
        "/sdk/source.ts",
        "/sdk/node_modules/other/index.js",
        "/sdk/../keys.py",
        "/sdk/%2e%2e/keys.py",
        "/sdk/..%2fkeys.py",
        "/sdk/%2e%2e%2fkeys.py",
        "/sdk/..%5ckeys.py",
        "/sdk//etc/passwd",
        "/sdk/%2fetc%2fpasswd",
        "/sdk/visavis.js%00.html",
        "/sdk/VISAVIS.JS",
        "/pages/../keys.py",
        "/keys.py",
    ],
)
async def test_nothing_but_the_served_files_can_be_had(client: Client, path: str) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    status_line, _, rest = answer.partition(b"\r\n")
    assert status_line == b"HTTP/1.1 404 Not Found"
    assert b"Content-Security-Policy: default-src 'none'" in rest
    assert b"no\n" not in rest


async def test_the_landing_page_belongs_to_the_demonstration(
    relay: FakeRelay, keys: KeyRing, config: RelayConfig
) -> None:
    app = create_app(config, relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client, client.get("/") as response:
        assert response.status == 404


async def test_health_says_ready_only_when_the_media_plane_is(
    client: Client, relay: FakeRelay
) -> None:
    async with client.get("/healthz") as response:
        assert response.status == 200
    async with client.get("/readyz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ready"})
    relay.is_ready = False
    async with client.get("/readyz") as response:
        assert response.status == 503
    async with client.get("/healthz") as response:
        assert response.status == 200


async def test_a_relay_that_is_stuck_is_to_be_started_again(
    client: Client, relay: FakeRelay
) -> None:
    relay.is_healthy = False
    async with client.get("/healthz") as response:
        assert (response.status, await response.json()) == (503, {"status": "stuck"})


async def test_the_whole_mounts_on_another_application(
    relay: FakeRelay, keys: KeyRing, config: RelayConfig
) -> None:
    platform = web.Application()
    platform.add_subapp("/visavis/", create_app(config, relay.as_relay(), keys=keys))
    async with TestClient(TestServer(platform)) as client:
        async with client.get("/visavis/sdk/visavis.js") as response:
            assert (await response.text()).endswith("export const{words}=$$1;\n")
        socket = await client.ws_connect("/visavis/v1/ws", protocols=(SUBPROTOCOL,))
        await socket.send_json({"type": "ping", "id": 1})
        assert await socket.receive_json(timeout=5) == {"type": "pong", "id": 1}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(platform.shutdown())
            assert (await socket.receive_json(timeout=5))["code"] == "draining"
            await socket.close()


def test_an_application_without_any_key_is_not_made(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)
    config = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path)))
    with pytest.raises(ConfigurationError, match="no signing key"):
        create_app(config, relay.as_relay())
