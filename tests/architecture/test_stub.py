"""What relay/_engine.pyi says is what the compiled module is."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from mypy import stubtest

from tests.architecture.project import ROOT


def test_the_stub_says_what_the_compiled_module_is() -> None:
    options = stubtest.parse_options(
        ["relay._engine", "--mypy-config-file", str(ROOT / "pyproject.toml"), "--concise"]
    )
    said = io.StringIO()
    with redirect_stdout(said):
        failed = stubtest.test_stubs(options, use_builtins_fixtures=False)
    assert not failed, said.getvalue()
