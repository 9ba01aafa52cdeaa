"""Whatever is wrong with a policy is told at its place, in words that say what to do; every message has three cases."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from cli.workspace import read_text
from rules.problem import BadInput, Problem
from rules.reading.load import load_policies
from rules.reading.yaml_source import MAX_CHARACTERS
from tests.rules.corpus import CORPUS, FILES, HEAD, PARAMETERS, Case, cases, rewritten
from tests.rules.messages import Template, templates

CASES = [case for file in FILES for case in cases(file)]
FEWEST = 3


def condition(text: str) -> str:
    return f"{HEAD}{PARAMETERS}conditions:\n  - {{name: c, subject: move, source: s, when: {text}}}\n"


def table(rows: int) -> str:
    row = "      - {if: ['\"A\"'], then: a}\n"
    return (
        f"{HEAD}tables:\n  - name: t\n    subject: move\n    hit: first\n    source: s\n    inputs: [account.tier]\n"
        f"    rows:\n{row * rows}"
    )


def doubled(times: int, of: str) -> str:
    """Conditions each of which names the one before it twice."""
    names = "".join(
        f"  - {{name: c{i}, subject: move, source: s, when: 'c{i - 1} && (c{i - 1} || {of})'}}\n"
        for i in range(1, times)
    )
    return f"{HEAD}conditions:\n  - {{name: c0, subject: move, source: s, when: {of}}}\n{names}"


def calendars(*lines: str) -> list[str]:
    heads = (HEAD.replace("policy: p", f"policy: p{i}") for i in range(len(lines)))
    return [f"{head}calendar: {line}\n" for head, line in zip(heads, lines, strict=True)]


DAY = "{fiscal_year_starts: 2, source: s}"
TOO_LONG = "expression is too long; expected at most 10,000 characters"
SPLIT = "\n  hint: split it, or let one table answer for another"
ONE_DOCUMENT = "a second document; expected one document a file"
DEEP = "nested too deeply; expected at most 40 levels"
BUILT: dict[str, tuple[list[str], list[str]]] = {
    "a long condition": ([condition("account.named" + " || account.named" * 1000)], [f"0.yaml:14:47: {TOO_LONG}"]),
    "a long text": ([condition(f"account.tier == '{'A' * 10_000}'")], [f"0.yaml:14:47: {TOO_LONG}"]),
    "a long sum": ([condition("1 + " * 5000 + "1 == account.late_deals")], [f"0.yaml:14:47: {TOO_LONG}"]),
    **{
        f"a table of {rows} rows": (
            [table(rows)],
            [
                f"0.yaml:11:7: the table is too long; found `{rows}`; expected at most 200{SPLIT}",
            ],
        )
        for rows in (201, 250, 1000)
    },
    "two calendars": (calendars(DAY, DAY), ["1.yaml:4:11: a company has one calendar\n  hint: first at 0.yaml:4:11"]),
    "two calendars, one of them empty": (
        calendars("{source: s}", DAY),
        ["1.yaml:4:11: a company has one calendar\n  hint: first at 0.yaml:4:11"],
    ),
    "three calendars": (
        calendars(DAY, DAY, DAY),
        [
            "1.yaml:4:11: a company has one calendar\n  hint: first at 0.yaml:4:11",
            "2.yaml:4:11: a company has one calendar\n  hint: first at 0.yaml:4:11",
        ],
    ),
    "two documents": ([f"{HEAD}---\n{HEAD}"], [f"0.yaml:4:1: {ONE_DOCUMENT}"]),
    "an empty second document": ([f"{HEAD}...\n---\n"], [f"0.yaml:5:1: {ONE_DOCUMENT}"]),
    "three documents": ([f"{HEAD}---\na\n---\nb\n"], [f"0.yaml:4:1: {ONE_DOCUMENT}", f"0.yaml:6:1: {ONE_DOCUMENT}"]),
    "a large file": (
        ["#" * (MAX_CHARACTERS + 1)],
        [f"0.yaml: file is too large; found `{MAX_CHARACTERS + 1} characters`; expected at most {MAX_CHARACTERS}"],
    ),
    "a file of ten megabytes": (
        [HEAD + "# all work and no play\n" * 440_000],
        ["0.yaml: file is too large; found `10120028 characters`; expected at most 4000000"],
    ),
    "a large file of one line": (
        ["a" * 5_000_000],
        ["0.yaml: file is too large; found `5000000 characters`; expected at most 4000000"],
    ),
    "a deep list": ([f"{HEAD}rules: {'[' * 50}{']' * 50}\n"], [f"0.yaml:4:48: {DEEP}"]),
    "a very deep list": ([f"{HEAD}rules: {'[' * 5000}{']' * 5000}\n"], [f"0.yaml:4:48: {DEEP}"]),
    "deep keys": ([f"{HEAD}rules: {'{a: ' * 60}1{'}' * 60}\n"], [f"0.yaml:4:168: {DEEP}"]),
}


def told(texts: list[str]) -> list[str]:
    try:
        load_policies((f"{i}.yaml", text) for i, text in enumerate(texts))
    except BadInput as refused:
        return [str(problem) for problem in refused.problems]
    return []


@pytest.mark.parametrize("file", FILES)
def test_every_case_is_told_as_its_author_expects(file: str) -> None:
    if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
        (CORPUS / file).write_text(rewritten(file), "utf-8")
    wrong = {case.name: case.told() for case in cases(file) if case.told() != case.expected}
    assert wrong == {}


@pytest.mark.parametrize("name", BUILT)
def test_what_no_file_of_the_corpus_can_show_is_told_too(name: str) -> None:
    texts, expected = BUILT[name]
    assert told(texts) == expected


@pytest.mark.parametrize("times", [8, 12, 16])
def test_conditions_that_double_are_refused_before_they_fill_the_memory(times: int) -> None:
    (first, *_) = told([doubled(times * 2, "account.named")])
    assert re.fullmatch(
        r"0\.yaml:\d+:\d+: (too large with all that its names stand for|`c\d+` is too large with all that it names).*",
        first,
        re.DOTALL,
    )


@pytest.fixture(scope="module")
def every_problem() -> list[tuple[str, Problem]]:
    """Every problem of the corpus with the name of its case."""
    built = {name: texts for name, (texts, _) in BUILT.items()}
    built |= {f"doubled {n}": [doubled(n, "account.named")] for n in (16, 24, 32)}
    built |= {f"tripled {n}": [doubled(n, "account.named || account.family_split")] for n in (16, 24, 32)}
    built |= {f"unseen {ord(sign):x}": [f"{HEAD}# {sign}\n"] for sign in "\0\u200e\ud800"}
    found = [(case.name, problem) for case in CASES for problem in case.problems()]
    for name, texts in built.items():
        try:
            load_policies((f"{i}.yaml", text) for i, text in enumerate(texts))
        except BadInput as refused:
            found.extend((name, problem) for problem in refused.problems)
    return found


def test_every_message_that_reading_a_policy_can_give_has_three_cases(
    every_problem: list[tuple[str, Problem]],
) -> None:
    known = templates()
    general = {t for t in known if any(t.fits(other.text) for other in known if other is not t)}
    shown: dict[Template, set[str]] = {template: set() for template in known}
    for name, problem in every_problem:
        fitting = [t for t in known if t.fits(problem.message)]
        for template in (*fitting[:1], *(t for t in fitting if t in general)):
            shown[template].add(name)
    assert len(known) > 150
    assert {t.text: sorted(names) for t, names in shown.items() if len(names) < FEWEST} == {}


def test_a_message_that_is_new_is_seen() -> None:
    assert Template("rule `{}` is on fire").fits("rule `R1` is on fire")
    assert not Template("rule `{}` is on fire").fits("rule `R1` is on ice")


def test_every_case_is_refused_and_stands_once() -> None:
    assert [case.name for case in CASES if case.expected == case.written] == []
    twice = Counter((case.file, case.written) for case in CASES)
    assert [written for written, count in twice.items() if count > 1] == []


def test_what_is_told_is_one_sentence_that_speaks_no_python(every_problem: list[tuple[str, Problem]]) -> None:
    for name, problem in every_problem:
        sentence = str(problem).partition(": ")[2]
        assert not re.search(
            r"Traceback|<class|Error\b|\bNone\b|\bTrue\b|\bFalse\b|Decimal\(|Shape\b|object at", sentence
        ), name
        assert problem.message[0].islower() or not problem.message[0].isalpha(), name
        assert not problem.message.endswith("."), name
        assert "\n" not in problem.message + problem.hint, name


TURNED = "\n  hint: it makes text look like another; leave it out"
FINE = f"{HEAD}# größer\n"
SAVED = {
    "CRLF": (FINE.replace("\n", "\r\n").encode(), ""),
    "a byte order mark": (FINE.encode("utf-8-sig"), ""),
    "no end of line": (FINE.rstrip("\n").encode(), ""),
    "Latin-1": (FINE.encode("latin-1"), "{}:4: not UTF-8; found `byte 0xf6`\n  hint: save it as UTF-8"),
    "UTF-16": (FINE.encode("utf-16"), "{}:1: not UTF-8; found `byte 0xff`\n  hint: save it as UTF-8"),
    "UTF-16 of the other order": (
        b"\xfe\xff" + FINE.encode("utf-16-be"),
        "{}:1: not UTF-8; found `byte 0xfe`\n  hint: save it as UTF-8",
    ),
    "UTF-16 without a mark": (HEAD.encode("utf-16-le")[:4], "p.yaml:1:2: a character is not accepted; found `U+0000`"),
    "a lone surrogate": (
        FINE.encode() + b"# \xed\xa0\x80\n",
        "{}:5: not UTF-8; found `byte 0xed`\n  hint: save it as UTF-8",
    ),
    "half a character": (FINE.encode() + b"# \xc3", "{}:5: not UTF-8; found `byte 0xc3`\n  hint: save it as UTF-8"),
    "an overlong character": (
        FINE.encode() + b"# \xc0\xaf\n",
        "{}:5: not UTF-8; found `byte 0xc0`\n  hint: save it as UTF-8",
    ),
    "NUL": (FINE.encode() + b"a: \0\n", "p.yaml:5:4: a character is not accepted; found `U+0000`"),
    "an escape of a terminal": (
        FINE.encode() + b"# \x1b[2J\n",
        "p.yaml:5:3: a character is not accepted; found `U+001B`",
    ),
    "a turned text": (
        f"{FINE}# \u202eevil\n".encode(),
        f"p.yaml:5:3: a character is not accepted; found `U+202E`{TURNED}",
    ),
    "a tab": (
        f"{HEAD}rules:\n\t- a\n".encode(),
        "p.yaml:5:1: not valid YAML: while scanning for the next token, found character that cannot start any token",
    ),
    "a bomb": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "p.yaml:2:8: aliases are not accepted\n  hint: write the value again",
    ),
    "an alias of itself": (b"a: &a [*a]\n", "p.yaml:1:8: aliases are not accepted\n  hint: write the value again"),
}


@pytest.mark.parametrize("name", SAVED)
def test_a_file_is_read_right_however_it_was_saved_or_refused(name: str, tmp_path: Path) -> None:
    raw, expected = SAVED[name]
    path = tmp_path / "p.yaml"
    path.write_bytes(raw)
    if not expected:
        assert load_policies([("p.yaml", read_text(path))]).policies[0].name == "p"
        return
    with pytest.raises(BadInput) as refused:
        load_policies([("p.yaml", read_text(path))])
    assert str(refused.value.problems[0]) == expected.format(path)


def test_a_case_that_is_told_otherwise_is_seen() -> None:
    case = Case("conditions.txt", 1, "account.t12 > leest", "account.t12 > leest\n              ^ something else")
    assert case.told() != case.expected
    assert case.told().endswith("^ unknown parameter `leest`\n                hint: did you mean `least`?")
