from __future__ import annotations

import json
import subprocess

import pytest

from signalling.gathering import fetched_later, gather


def _run(modules: dict[str, str], expression: str) -> object:
    """Evaluate an expression over the gathered module's exports, in Node."""
    text = gather(modules, "entry.js")
    script = f"{text}console.log(JSON.stringify({expression}));"
    command = ["node", "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


def test_modules_keep_their_own_names_and_run_once_in_the_order_of_their_imports() -> None:
    modules = {
        "entry.js": 'import { second } from "./b/second.js";\n'
        'import { log } from "./log.js";\n'
        'export { log } from "./log.js";\n'
        'const name = "entry";\nlog.push(name + second());\nclass Door {}\nexport { Door };\n',
        "b/second.js": 'import {\nlog,\n} from "../log.js";\n'
        'const name = "second";\nlog.push(name);\nexport function second() { return name; }\n',
        "log.js": "export const log = [];\n",
    }
    assert _run(modules, "log") == ["second", "entrysecond"]
    assert _run(modules, "typeof Door") == "function"


def test_what_is_fetched_later_is_asked_for_from_where_the_entry_stands() -> None:
    modules = {
        "entry.js": 'import { open } from "./b/door.js";\nexport { open };\n',
        "b/door.js": 'export const open=()=>import("./panel.js");\n',
        "b/panel.js": 'import { log } from "../log.js";\n'
        'import("../log.js");\nexport const more=()=>import("./more.js");\n',
        "b/more.js": "export const b = 1;\n",
        "log.js": "export const log = [];\n",
    }
    assert 'import("./b/panel.js")' in gather(modules, "entry.js")
    assert fetched_later(modules, "entry.js") == {"b/panel.js"}
    assert 'import("../b/more.js")' in gather(modules, "b/panel.js")
    assert fetched_later(modules, "b/panel.js") == {"b/more.js", "log.js"}
    assert fetched_later(modules, "b/more.js") == frozenset()


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        ({}, "not there"),
        ({"entry.js": 'import { a } from "./gone.js";\n'}, "gone.js"),
        ({"entry.js": 'import { a as b } from "./a.js";\n', "a.js": "\n"}, "renames"),
        ({"entry.js": 'import * as a from "./a.js";\n', "a.js": "\n"}, "not understood"),
        ({"entry.js": 'import "./a.js";\n', "a.js": "\n"}, "not understood"),
        ({"entry.js": "export default 1;\n"}, "not understood"),
        ({"entry.js": "export let a = 1;\n"}, "not understood"),
        ({"entry.js": 'import { a } from "elsewhere";\n'}, "not understood"),
        (
            {
                "entry.js": 'import { a } from "./a.js";\n',
                "a.js": 'import { b } from "./entry.js";\n',
            },
            "imports itself",
        ),
    ],
)
def test_what_is_not_understood_is_refused_and_never_served(
    modules: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        gather(modules, "entry.js")
