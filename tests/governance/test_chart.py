"""Attainment is drawn the same everywhere, and what is not drawn is said."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from governance.chart import MOST_ROWS, RepAttainment, attainment_chart
from governance.record_content import Chart

LOW, HIGH = Fraction(7, 10), Fraction(13, 10)
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture
def fonts(templates: Path) -> Path:
    return templates / "fonts"


def drawn(reps: list[RepAttainment], fonts: Path) -> Chart:
    chart = attainment_chart(reps, low=LOW, high=HIGH, fonts=fonts)
    assert chart is not None
    return chart


def texts(chart: Chart) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(chart.svg).iter(SVG_TEXT)]  # noqa: S314 -- our own


def test_reps_stand_in_the_order_of_their_attainment_with_their_figures(fonts: Path) -> None:
    chart = drawn(
        [
            RepAttainment("Ana", Fraction(62, 100)),
            RepAttainment("佐藤 翔", Fraction(4, 3), Fraction(1)),
            RepAttainment("Zoë", Fraction(9, 10), Fraction(11, 10)),
        ],
        fonts,
    )
    shown = texts(chart)
    assert [text for text in shown if text in {"Ana", "佐藤 翔", "Zoë"}] == ["佐藤 翔", "Zoë", "Ana"]
    assert [text for text in shown if text in {"133.3 %", "90.0 %", "62.0 %"}] == ["133.3 %", "90.0 %", "62.0 %"]
    assert chart.alt == (
        "Attainment over the trailing four quarters of 3 reps, from 62.0 % (Ana) to 133.3 % (佐藤 翔); "
        "2 outside the band of 70 to 130 %"
    )


def test_both_ends_of_the_band_are_in_it(fonts: Path) -> None:
    chart = drawn([RepAttainment("Ana", LOW), RepAttainment("Bo", HIGH)], fonts)
    assert "0 outside the band" in chart.alt


def test_a_hair_outside_the_band_is_outside(fonts: Path) -> None:
    hair = Fraction(1, 10**30)
    chart = drawn([RepAttainment("Ana", LOW - hair), RepAttainment("Bo", HIGH + hair)], fonts)
    assert "2 outside the band" in chart.alt


def test_a_rep_whose_attainment_is_unknown_is_counted_and_not_drawn(fonts: Path) -> None:
    reps = [
        RepAttainment("Ana", Fraction(1)),
        RepAttainment("Bo", Fraction(1)),
        RepAttainment("New", None, Fraction(1)),
    ]
    chart = drawn(reps, fonts)
    assert chart.caption.endswith("Not drawn, attainment unknown: 1.")
    assert "New" not in texts(chart)


def test_one_known_rep_is_no_comparison(fonts: Path) -> None:
    reps = [RepAttainment("Ana", Fraction(1)), RepAttainment("Bo", None)]
    assert attainment_chart(reps, low=LOW, high=HIGH, fonts=fonts) is None


def test_of_many_reps_the_highest_and_lowest_are_drawn(fonts: Path) -> None:
    reps = [RepAttainment(f"rep {i:03}", Fraction(50 + i, 100)) for i in range(100)]
    chart = drawn(reps, fonts)
    names = [text for text in texts(chart) if text.startswith("rep ")]
    assert len(names) == MOST_ROWS
    assert (names[0], names[-1]) == ("rep 099", "rep 000")
    assert "The 12 highest and 12 lowest of 100 reps." in chart.caption


def test_two_reps_may_share_a_name(fonts: Path) -> None:
    chart = drawn([RepAttainment("Ana", Fraction(1)), RepAttainment("Ana", Fraction(1, 2))], fonts)
    assert texts(chart).count("Ana") == 2


def test_no_name_can_end_its_string_or_the_drawing(fonts: Path) -> None:
    names = ["O'Neill", 'Tom "T" \\ Baker', "'];datum['", "</text><script>", "😀 Ann"]
    chart = drawn([RepAttainment(name, Fraction(i + 5, 10)) for i, name in enumerate(names)], fonts)
    assert set(names) <= set(texts(chart))


def test_the_same_reps_in_any_order_and_process_give_the_same_drawing(fonts: Path) -> None:
    reps = [RepAttainment("Ana", Fraction(9, 10), Fraction(1)), RepAttainment("佐藤", Fraction(11, 10))]
    here = drawn(reps, fonts)
    assert drawn(reps[::-1], fonts) == here
    program = (
        "from fractions import Fraction; from pathlib import Path; import sys\n"
        "from governance.chart import RepAttainment, attainment_chart\n"
        "reps = [RepAttainment('Ana', Fraction(9, 10), Fraction(1)), RepAttainment('佐藤', Fraction(11, 10))]\n"
        "chart = attainment_chart(reps, low=Fraction(7, 10), high=Fraction(13, 10), fonts=Path(sys.argv[1]))\n"
        "sys.stdout.buffer.write(chart.svg.encode())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", program, str(fonts)],
        cwd=fonts.parents[1],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    assert there.stdout.decode() == here.svg
