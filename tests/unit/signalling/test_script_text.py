from __future__ import annotations

import pytest

from signalling.script_text import without_comments


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("// why\nconst a = 1; // measured\n", "const a=1;\n"),
        ("/**\n * What.\n */\nexport class A {\n  b() {}\n}\n", "export class A{\nb(){}\n}\n"),
        ('const a = "// not /* one";\n', 'const a="// not /* one";\n'),
        ("const a = '\\'// no';\n", "const a='\\'// no';\n"),
        ("const a = `\n  // kept ${b /* gone */ + `${c}  d`}  e\n`;\n", None),
        ("const a = b.replace(/[/*]\\/\\/ '/g, c); // gone\n", None),
        ("const a = (b + c) / d / 2; // gone\n", "const a=(b + c)/ d / 2;\n"),
        ("const a = b[0] / 2 / c;\n", "const a=b[0]/ 2 / c;\n"),
        ("return /** @type {A} */ (b) // gone\n+ 1\n", "return(b)\n+ 1\n"),
        ("a /* ends\n */ b\n", "a\nb\n"),
        ("typeof/**/a\n", "typeof a\n"),
        ("a + +b - -c\n", "a + +b - -c\n"),
        (
            "const f = async (a) => { return a ?? [1, 2]; };\n",
            "const f=async(a)=>{return a??[1,2];};\n",
        ),
        ("\n\n  a\n\n\n   b\n", "a\nb\n"),
        ("", "\n"),
    ],
)
def test_what_only_readers_need_goes_and_the_rest_stays(source: str, expected: str | None) -> None:
    if expected is None:
        expected = {
            "const a = `": "const a=`\n  // kept ${b + `${c}  d`}  e\n`;\n",
            "const a = b": "const a=b.replace(/[/*]\\/\\/ '/g,c);\n",
        }[source[:11]]
    assert without_comments(source) == expected
    assert without_comments(expected) == expected


@pytest.mark.parametrize("source", ['"', "'a\n'", "`a ${b", "/* a", "a = /b\n", "`a"])
def test_a_text_that_has_no_end_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        without_comments(source)
