"""A cell is read exactly or not at all."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.canonical import Type
from engine.database import Database, text
from engine.intake.cell_types import meant_text, source_text, value
from engine.intake.mapping_shapes import Cell


def read(kind: Type, found: str, options: Mapping[str, object] | None = None, scale: int = 2) -> object:
    cell = Cell.model_validate({"column": "c", **(options or {})})
    meant = meant_text(cell, source_text(cell, (text(found),)))
    with Database() as db:
        return db.value(f"SELECT {value(kind, cell, meant, scale)}")


@pytest.mark.parametrize(
    ("found", "options", "units"),
    [
        ("1250.50", {}, 125050),
        ("-0.5", {}, -50),
        ("+5", {}, 500),
        (".5", {}, 50),
        ("7.", {}, 700),
        ("1.5000", {}, 150),
        ("1,250.50", {"thousands": ","}, 125050),
        ("1.250,50", {"thousands": ".", "decimal": ","}, 125050),
        ("1 250", {"thousands": " "}, 125000),
        ("125050", {"scale": 2}, 125050),
        ("10000000000000.00", {}, 10**15),
    ],
)
def test_amounts_are_whole_units_at_the_scale(found: str, options: dict[str, object], units: int) -> None:
    assert read(Type.MONEY, found, options) == units


@pytest.mark.parametrize(
    ("found", "options"),
    [
        ("1.005", {}),
        ("1,250.50", {}),
        ("12,50", {"thousands": ","}),
        ("1,2,3", {"thousands": ","}),
        ("1e3", {}),
        ("$5", {}),
        ("-", {}),
        ("5.5", {"scale": 2}),
        ("10000000000000.01", {}),
        ("99999999999999999999", {}),
        ("٣", {}),
    ],
)
def test_an_amount_that_cannot_be_kept_exactly_is_not_read(found: str, options: dict[str, object]) -> None:
    assert read(Type.MONEY, found, options) is None


@settings(max_examples=50, deadline=None)
@given(units=st.integers(-(10**15), 10**15), scale=st.integers(0, 4))
def test_an_amount_written_out_reads_back_as_its_units(units: int, scale: int) -> None:
    written = f"{Decimal(units).scaleb(-scale):f}"
    assert read(Type.MONEY, written, scale=scale) == units


@pytest.mark.parametrize(
    ("found", "options", "day"),
    [
        ("2014-05-30", {}, date(2014, 5, 30)),
        ("2014-05-30 23:59:59", {}, date(2014, 5, 30)),
        ("2014-05-30T23:59:59.000Z", {}, date(2014, 5, 30)),
        ("2014-05-30T23:59:59.000+0000", {}, date(2014, 5, 30)),
        ("2012-11-29", {"plus_days": 1}, date(2012, 11, 30)),
        ("30.5.2014", {"format": "%d.%m.%Y"}, date(2014, 5, 30)),
        ("05/30/2014", {"format": "%m/%d/%Y"}, date(2014, 5, 30)),
        ("2014-02-30", {}, None),
        ("2014-5-30", {}, None),
        ("20140530", {}, None),
        ("30.02.2014", {"format": "%d.%m.%Y"}, None),
        ("0001-01-01", {}, None),
        ("9999-12-31", {"plus_days": 1}, None),
        ("tomorrow", {}, None),
    ],
)
def test_days_are_those_of_the_calendar(found: str, options: dict[str, object], day: date | None) -> None:
    assert read(Type.DATE, found, options) == day


@pytest.mark.parametrize(
    ("found", "unit", "ppm"),
    [
        ("0.5", "fraction", 500_000),
        ("50", "percent", 500_000),
        ("33.3333", "percent", 333_333),
        ("1", "fraction", 1_000_000),
        ("500000", "ppm", 500_000),
        ("1.000001", "fraction", None),
        ("-0.1", "fraction", None),
        ("33.33333", "percent", None),
    ],
)
def test_shares_are_parts_per_million_from_none_to_all(found: str, unit: str, ppm: int | None) -> None:
    assert read(Type.SHARE, found, {"unit": unit}) == ppm


def test_truth_values_are_true_and_false_or_listed() -> None:
    assert [read(Type.BOOL, t) for t in ("true", "FALSE", "1", "yes")] == [True, False, None, None]
    assert read(Type.BOOL, "1", {"values": {"1": True, "0": False}}) is True
    assert read(Type.BOOL, "2", {"values": {"1": True, "0": False}}) is None


def test_counts_are_whole_numbers() -> None:
    assert [read(Type.COUNT, t) for t in ("125", "1.0", "1.5", "12a")] == [125, None, None, None]


def test_values_are_complete_and_replacements_are_not() -> None:
    assert read(Type.TEXT, "Won", {"values": {"Won": "won"}}) == "won"
    assert read(Type.TEXT, "Open", {"values": {"Won": "won"}}) is None
    assert read(Type.TEXT, "GTXPro", {"replace": {"GTXPro": "GTX Pro"}}) == "GTX Pro"
    assert read(Type.TEXT, "MG Special", {"replace": {"GTXPro": "GTX Pro"}}) == "MG Special"
    assert read(Type.DATE, "9999-12-31", {"replace": {"9999-12-31": None}}) is None


def test_an_element_of_xml_in_a_cell_is_read_with_its_entities() -> None:
    sales, bank = '<AnnualSales unit="USD"> 800000 </AnnualSales>', "<s:Bank>A &amp; B</s:Bank>"
    survey = f'\ufeff<s:Survey xmlns:s="u">{sales}{bank}</s:Survey>'
    assert read(Type.MONEY, survey, {"xml": "AnnualSales"}) == 80_000_000
    assert read(Type.TEXT, survey, {"xml": "Bank"}) == "A & B"
    assert read(Type.TEXT, survey, {"xml": "Sales"}) is None
