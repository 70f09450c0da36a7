from __future__ import annotations

import pytest

from signalling.script_text import (
    on_fewer_lines,
    with_short_constants,
    with_short_private_names,
    with_short_styles,
    without_comments,
)


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A{#first=1;#second(){return this.#first}}\n", None),
        ("class A{#x;b(o){return #x in o}}\n", "class A{#a;b(o){return #a in o}}\n"),
        ('const a="#kept",b=`#kept ${c.#gone}`;\n', 'const a="#kept",b=`#kept ${c.#a}`;\n'),
        ("const a=b.replace(/#kept/g,c);\n", "const a=b.replace(/#kept/g,c);\n"),
    ],
)
def test_only_private_names_get_shorter(source: str, expected: str | None) -> None:
    expected = expected or "class A{#a=1;#b(){return this.#a}}\n"
    assert with_short_private_names(source) == expected


def test_as_many_private_names_as_there_were_are_there_afterwards() -> None:
    names = [f"#name{number}" for number in range(1_000)]
    short = with_short_private_names(";".join(names)).split(";")
    assert len(set(short)) == len(names)
    assert short[:2] == ["#a", "#b"]
    assert short[25:28] == ["#z", "#aa", "#ab"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const RETRY_MS=1;\nf(RETRY_MS,RETRY_MS_2)\n", "const $a=1;\nf($a,$b)\n"),
        ("f(Node.TEXT_NODE,A_B)\n", "f(Node.TEXT_NODE,$a)\n"),
        ("const A_B=[];\nf(...A_B)\n", None),
        ("const A_B=1;\nexport const{A_B,c}=$$1;\n", None),
        ('const a="A_B",b=`A_B ${A_B}`;\n', 'const a="A_B",b=`A_B ${$a}`;\n'),
        ("const A=1,NaN_B=2,a_B=Ab_C;\n", None),
    ],
)
def test_only_constants_of_a_text_s_own_get_shorter(source: str, expected: str | None) -> None:
    assert with_short_constants(source) == (expected or source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const a=1;\nf(\na,\nb\n);\n", "const a=1;f(a,b);\n"),
        ("if(a){\nb()\n}\nc()\n", "if(a){b()}\nc()\n"),
        ("class A{\nb(){\nc();\n}\n#d=1;\n}\n", "class A{b(){c()}\n#d=1}\n"),
        ('for(;;){\na("b;");\nbreak;\n}\n', 'for(;;){a("b;");break}\n'),
        ("a=`;${b}`;\nc()\n", "a=`;${b}`;c()\n"),
        ("const a=b\n(c)\n", "const a=b\n(c)\n"),
        ("a\n++b\n", "a\n++b\n"),
        ("f(`\n  ${\na\n}\n`);\ng()\n", "f(`\n  ${a}\n`);g()\n"),
        ('a=["b",\n/[(]/\n];\n', 'a=["b",/[(]/];\n'),
    ],
)
def test_a_line_break_goes_only_where_no_statement_may_end(source: str, expected: str) -> None:
    assert on_fewer_lines(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const a=`\n/* why */\n.b > c { d: e; f: g }\n`;\n", "const a=` .b > c{d:e;f:g}`;\n"),
        ("const a=`.b { c: 0.5s; d: -0.5em 10px; }`;\n", "const a=`.b{c:.5s;d:-0.5em 10px}`;\n"),
        ("const a=`b: calc(${c} + 1px), ${d};`;\n", "const a=`b:calc(${c} + 1px),${d};`;\n"),
        ('const a="b { c: d }";\n', None),
    ],
)
def test_only_templates_of_styles_get_shorter(source: str, expected: str | None) -> None:
    assert with_short_styles(source) == (expected or source)
