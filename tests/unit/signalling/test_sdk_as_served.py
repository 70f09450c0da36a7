from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from signalling.assets import SDK_ENTRIES, Assets, read_sdk
from signalling.script_text import without_comments

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "signalling" / "client"
TYPESCRIPT = ROOT / "tests" / "node_modules" / "typescript" / "bin" / "tsc"
LANGUAGES = ("en", "fr")
FETCHED_LATER = (
    *(f"words/{language}{part}.js" for language in LANGUAGES for part in ("", "_more")),
    "audio_only.js",
    "capture_trouble.js",
    "clock_doubt.js",
    "device_switch.js",
    "elsewhere.js",
    "encoding_changes.js",
    "openings.js",
    "silences.js",
    "element/level_meter.js",
    "element/own_moves.js",
    "element/panels.js",
    "one_shot.js",
    "renewal.js",
    "texts.js",
    "watches.js",
    "crossing.js",
)
MOST_BYTES = 40_000
"""What stands between a phone's first visit and its consultation, compressed: the element or the
SDK alone, and the words of one language. It is 0.4 s at 800 kbit/s."""
MOST_BYTES_ALONE = 30_000
MOST_BYTES_IN_ALL = 69_000
"""With what is fetched once it stands, and everything that can be opened but the check."""
MOST_BYTES_OF_CHECK = 28_000
"""The check, with its words in every language: a page of its own, and fetched where the waiting
room opens it. Beside that it fetches only what others of the above fetch, too."""


@pytest.fixture(scope="module")
def sdk() -> Assets:
    return read_sdk(CLIENT)


def size_bytes(sdk: Assets, *paths: str) -> int:
    """Add up what is sent of some files to a browser that takes gzip."""
    return sum(len(sdk[path].compressed or sdk[path].body) for path in paths)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_loads_40_kilobytes_at_the_most(sdk: Assets, language: str) -> None:
    words = f"words/{language}.js"
    assert size_bytes(sdk, "visavis.js", words) <= MOST_BYTES
    assert size_bytes(sdk, "consultation.js", words) <= MOST_BYTES_ALONE
    later = (path for path in FETCHED_LATER if "words" not in path or f"/{language}_" in path)
    assert size_bytes(sdk, "visavis.js", words, *later) <= MOST_BYTES_IN_ALL


def test_the_check_is_28_kilobytes_at_the_most(sdk: Assets) -> None:
    assert size_bytes(sdk, "check.js") <= MOST_BYTES_OF_CHECK


@pytest.mark.parametrize("entry", [*SDK_ENTRIES, *FETCHED_LATER])
def test_an_entry_is_one_answer_and_fetches_later_only_what_is_one(sdk: Assets, entry: str) -> None:
    text = sdk[entry].body.decode()
    assert re.search(r"export const\{[\w,]+\}=\$\$\d+;\n\Z", text)
    assert not re.search(r"^import\b", text, flags=re.MULTILINE)
    fetched = re.findall(r'\bimport\("([^"]+)"\)', text)
    assert {_beside(entry, path) for path in fetched} <= {*FETCHED_LATER, *SDK_ENTRIES}


def _beside(entry: str, relative: str) -> str:
    """Say what a path means that stands in an entry."""
    return ((CLIENT / entry).parent / relative).resolve().relative_to(CLIENT.resolve()).as_posix()


@pytest.mark.parametrize("entry", [*SDK_ENTRIES, *FETCHED_LATER])
def test_a_gathered_entry_exports_what_its_source_exports(
    sdk: Assets, entry: str, tmp_path: Path
) -> None:
    gathered = tmp_path / "gathered.mjs"
    gathered.write_bytes(sdk[entry].body)
    names = "Object.keys(await import(path)).sort()"
    script = f"const names = async (path) => {names};"
    paths = json.dumps([gathered.as_uri(), (CLIENT / entry).as_uri()])
    script += f"console.log(JSON.stringify(await Promise.all({paths}.map(names))));"
    command = ["node", "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    served, written = json.loads(done.stdout)
    assert served == written != []


SERVED_TOGETHER = ("visavis.js", "consultation.js", "errors.js", "element/element.js")
"""What one page may import side by side: two gathered entries, and modules as they are written."""

WHOSE_ERRORS = """
const modules = await Promise.all(process.argv.slice(1).map((address) => import(address)));
const makers = modules.flatMap(({ Consultation, VisavisConsultation }) => [
  ...(Consultation ? [(about) => new Consultation(about)] : []),
  ...(VisavisConsultation ? [VisavisConsultation.newConsultation] : []),
]);
const errors = makers.map((make) => {
  try {
    make({ token: "not a token" });
  } catch (error) {
    return error;
  }
});
const classes = modules.map(({ ConsultationError }) => ConsultationError).filter(Boolean);
class Narrower extends classes[0] {}
const own = new Narrower("left", { words: "", action: "" });
console.log(
  JSON.stringify({
    codes: errors.map(({ code }) => code),
    copies: new Set(classes).size,
    known: errors.map((error) => classes.map((each) => error instanceof each)),
    others: [new Error(), null, ""].map((one) => classes.some((each) => one instanceof each)),
    narrower: [errors[0] instanceof Narrower, own instanceof Narrower, own instanceof classes[1]],
  }),
);
"""


def test_an_error_is_known_as_one_by_every_copy_of_the_sdk_in_a_page(
    sdk: Assets, tmp_path: Path
) -> None:
    for path, asset in sdk.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(asset.body)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    addresses = [(tmp_path / path).as_uri() for path in SERVED_TOGETHER]
    command = ["node", "--input-type=module", "--eval", WHOSE_ERRORS, *addresses]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stdout)
    assert told["codes"] == ["invalid_token"] * 4
    assert told["copies"] == 3, "or nothing is tested"
    assert told["known"] == [[True] * 3] * 4
    assert told["others"] == [False] * 3
    assert told["narrower"] == [False, True, True]


def test_typescript_reads_the_same_program_with_and_without_comments(tmp_path: Path) -> None:
    paths = [
        path.relative_to(CLIENT)
        for path in CLIENT.rglob("*.js")
        if not {"node_modules", "types", "dist"} & set(path.relative_to(CLIENT).parts)
    ]
    printed = []
    for kind in ("written", "stripped"):
        sources, output = tmp_path / kind, tmp_path / f"{kind}-printed"
        for path in paths:
            text = (CLIENT / path).read_text()
            (sources / path).parent.mkdir(parents=True, exist_ok=True)
            (sources / path).write_text(without_comments(text) if kind == "stripped" else text)
        options = [
            "--allowJs",
            "--removeComments",
            "--noCheck",
            "--types",
            "",
            "--target",
            "es2022",
        ]
        options += ["--module", "es2022", "--moduleResolution", "bundler", "--outDir", str(output)]
        options += ["--rootDir", str(sources), *(str(sources / path) for path in paths)]
        subprocess.run(["node", str(TYPESCRIPT), *options], check=True, timeout=120)
        printed.append({path: _significant((output / path).read_text()) for path in paths})
    assert len(paths) > 50
    assert printed[0] == printed[1]


def _significant(text: str) -> str:
    """Drop what a printer decides by the lines of its source: line breaks outside templates."""
    parts = re.split(r"(`(?:[^`\\]|\\.)*`)", text, flags=re.DOTALL)
    return "".join(
        part if index % 2 else re.sub(r"\s+", "", part) for index, part in enumerate(parts)
    )
