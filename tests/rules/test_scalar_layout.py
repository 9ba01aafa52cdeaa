"""An error in a condition is shown where it stands, whatever style of YAML the condition is written in."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rules.problem import BadInput
from rules.reading.load import load_policies
from rules.reading.scalar_layout import position
from rules.reading.yaml_source import read_yaml

STYLES = {
    "plain": "when: a > 1 && bad == 2\n",
    "plain over two lines": "when: a > 1\n  && bad == 2\n",
    "double quotes": 'when: "a > 1 && bad == 2"\n',
    "escaped quotes": 'when: "a == \\"x\\" && bad == 2"\n',
    "single quotes": "when: 'a == ''x'' && bad == 2'\n",
    "literal block": "when: |\n  a > 1\n  && bad == 2\n",
    "folded block": "when: >-\n    a > 1\n    && bad == 2\n",
    "folded with an empty line": "when: >\n  a > 1\n\n  && bad == 2\n",
    "after a comment": "# a bad day\nwhen: >-  # not bad\n  a > 1 &&\n  bad == 2\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_word_is_found_where_it_stands(style: str) -> None:
    text = STYLES[style]
    document = read_yaml(text, "p.yaml")
    place = document.locator(("when",))(document.value["when"].index("bad"))
    line = text.splitlines()[(place.line or 0) - 1]
    assert line[(place.column or 0) - 1 :].startswith("bad == 2")


def test_an_escaped_letter_is_said_to_be_where_its_scalar_starts() -> None:
    document = read_yaml('when: "a \\u0062ad"\n', "p.yaml")
    place = document.locator(("when",))(document.value["when"].index("b"))
    assert (place.line, place.column) in ((1, 7), (1, 12))


@given(
    words=st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=12), style=st.sampled_from("'\"|>")
)
def test_every_letter_of_a_dumped_scalar_is_found(words: list[str], style: str) -> None:
    value = " ".join(words)
    text = yaml.dump({"when": value}, default_style=style, width=20)
    document = read_yaml(text, "p.yaml")
    start = document.place(("when",))
    lines = text.splitlines()
    for offset, letter in enumerate(document.value["when"]):
        if not letter.isspace():
            line, column = position(text, start.line or 1, start.column or 1, document.value["when"], offset)
            assert lines[line - 1][column - 1] == letter


def test_a_condition_in_a_folded_block_is_refused_at_its_line_and_column() -> None:
    rule = (
        "policy: x\ntitle: t\nowner: o\nrules:\n  - id: A1\n    title: a\n    kind: engagement\n    subject: move\n"
        '    effective: {from: 2020-01-01}\n    when: >-\n      account.tier == "A"\n      && acount.t12 > money("5")\n'
        "    effect: deny\n    message: m\n    source: s\n"
    )
    with pytest.raises(BadInput) as refused:
        load_policies([("p.yaml", rule)])
    assert [str(p.where) for p in refused.value.problems] == ["p.yaml:12:10"]
