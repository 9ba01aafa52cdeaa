"""The one door to drawings: attainment by rep as SVG text that a page and a PDF show alike, without a network.

One row a rep: a filled dot for the trailing four quarters, a hollow one for the latest quarter, and the healthy band
behind them. Exact fractions become floating-point coordinates here and nowhere else; nothing reads them back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from governance.record_content import Chart
from rules.kinds import decimal_of

INK, INSIDE, OUTSIDE, FAINT, BAND = "#1b2430", "#33566b", "#9a3324", "#8b96a1", "#edf1ee"
FONT = "Inter, Noto Sans JP"
MOST_ROWS = 24
"""Above this many reps the middle is left out, and the caption says so."""
ROW_HEIGHT, WIDTH = 13, 430


@dataclass(frozen=True, slots=True)
class RepAttainment:
    """Σ actual ÷ Σ quota of one rep; `t4q` over the last four full quarters, `quarter` over the latest."""

    name: str
    t4q: Fraction | None
    quarter: Fraction | None = None


def attainment_chart(reps: Sequence[RepAttainment], *, low: Fraction, high: Fraction, fonts: Path) -> Chart | None:
    """A dumbbell per rep against the band `low` to `high`, both ends in it; highest T4Q on top.

    Reps whose T4Q is unknown are counted in the caption and not drawn. None if fewer than two can be drawn.
    `fonts` holds the TrueType files that text is measured with.
    """
    known = sorted(((rep.t4q, rep) for rep in reps if rep.t4q is not None), key=lambda pair: (-pair[0], pair[1].name))
    if len(known) < 2:  # noqa: PLR2004 -- one rep is no comparison
        return None
    half = MOST_ROWS // 2
    drawn = known if len(known) <= MOST_ROWS else known[:half] + known[-half:]
    rows = [_row(position, t4q, rep, low, high) for position, (t4q, rep) in enumerate(drawn)]
    out = sum(not low <= t4q <= high for t4q, _ in known)
    band = f"{decimal_of(low * 100, 0)} to {decimal_of(high * 100, 0)} %"
    (top, best), (bottom, worst) = known[0], known[-1]
    caption = f"Attainment by rep: trailing four quarters (filled) and latest quarter (hollow); band {band}."
    if len(drawn) < len(known):
        caption += f" The {half} highest and {half} lowest of {len(known)} reps."
    if unknown := len(reps) - len(known):
        caption += f" Not drawn, attainment unknown: {unknown}."
    alternative = (
        f"Attainment over the trailing four quarters of {len(known)} reps, from {_percent(bottom)} ({worst.name}) "
        f"to {_percent(top)} ({best.name}); {out} outside the band of {band}"
    )
    return Chart(_svg(_specification(rows, low, high), fonts), caption, alternative)


def _row(position: int, t4q: Fraction, rep: RepAttainment, low: Fraction, high: Fraction) -> dict[str, object]:
    row: dict[str, object] = {
        "at": position,
        "name": rep.name,
        "t4q": float(t4q * 100),
        "label": _percent(t4q),
        "out": not low <= t4q <= high,
    }
    if rep.quarter is not None:
        row["quarter"] = float(rep.quarter * 100)
    return row


def _specification(rows: list[dict[str, object]], low: Fraction, high: Fraction) -> dict[str, Any]:
    data = alt.InlineData(values=rows)
    ends = [value for row in rows for name in ("t4q", "quarter") if isinstance(value := row.get(name), float)]
    left = min(*ends, float(low * 100)) // 10 * 10
    right = -(-max(*ends, float(high * 100)) // 10) * 10 + 10
    scale = alt.Scale(domain=[left, right], nice=False, zero=False)
    names = [str(row["name"]) for row in rows]
    # Two reps may share a name, so rows are placed by position and the axis is labelled from the list.
    labels = alt.Axis(
        title=None,
        values=list(range(len(rows))),
        labelExpr=f"{_literal(names)}[datum.value]",
        domain=False,
        ticks=False,
        labelPadding=6,
        labelLimit=190,
        labelOverlap=False,
        grid=False,
    )
    y = alt.Y(
        "at:Q", axis=labels, scale=alt.Scale(domain=[-0.6, len(rows) - 0.4], reverse=True, nice=False, zero=False)
    )
    percent = alt.Axis(
        title=None, labelExpr="datum.value + ' %'", tickCount=8, gridColor="#e9ecee", domain=False, ticks=False
    )
    colour = alt.condition("datum.out", alt.value(OUTSIDE), alt.value(INSIDE))
    base = alt.Chart(data).encode(y=y)
    band = (
        alt.Chart(alt.InlineData(values=[{"low": float(low * 100), "high": float(high * 100)}]))
        .mark_rect(color=BAND)
        .encode(x=alt.X("low:Q", axis=percent, scale=scale), x2="high:Q")
    )
    line = base.transform_filter("isValid(datum.quarter)").mark_rule(color=FAINT, strokeWidth=1.1)
    hollow = base.transform_filter("isValid(datum.quarter)").mark_point(
        filled=False, fill="white", size=26, strokeWidth=1, opacity=1
    )
    filled = base.mark_point(filled=True, size=34, opacity=1)
    figure = base.mark_text(align="left", fontSize=8, color=INK).encode(x=alt.value(WIDTH + 8), text="label:N")
    layers = alt.layer(
        band,
        line.encode(x=alt.X("t4q:Q", axis=percent, scale=scale), x2="quarter:Q"),
        hollow.encode(x=alt.X("quarter:Q", axis=percent, scale=scale), color=alt.value(FAINT)),
        filled.encode(x=alt.X("t4q:Q", axis=percent, scale=scale), color=colour),
        figure,
    )
    drawing = layers.properties(width=WIDTH, height=ROW_HEIGHT * len(rows) + 8, background="transparent", padding=2)
    drawing = drawing.configure(font=FONT).configure_view(stroke=None)
    specification: dict[str, Any] = drawing.configure_axis(labelFontSize=8, labelColor=INK).to_dict()
    return specification


def _svg(specification: dict[str, Any], fonts: Path) -> str:
    vl_convert.register_font_directory(str(fonts))
    return str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))


def _literal(names: list[str]) -> str:
    """The names as a Vega expression: every character by its UTF-16 code, so that no name can end its string."""
    quoted = []
    for name in names:
        units = name.encode("utf-16-be", "surrogatepass")
        pairs = zip(units[::2], units[1::2], strict=True)
        quoted.append("'" + "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs) + "'")
    return "[" + ",".join(quoted) + "]"


def _percent(ratio: Fraction) -> str:
    return f"{decimal_of(ratio * 100, 1)} %"
