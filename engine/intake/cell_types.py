"""How is a cell read? SQL expressions from a cell's text to an exact value, NULL where the text cannot be read.

Nothing is rounded and nothing is guessed: an amount with more decimals than are kept, `1,23` where thousands stand in
groups of three, 30 February, a share above one are all unreadable. Bounds: counts and amounts within ±10^15, so that
sums of products stay exact in wide integers; days from 1900 to 9999.
"""

from engine.canonical import Type
from engine.database import text
from engine.intake.mapping_shapes import Cell, word

UNLISTED = "\x01"
"""Stands for a value that `values` does not list: no export can contain it, and no type reads it."""
_ISO_DAY = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_SHARE_PLACES = {"fraction": 6, "percent": 4, "ppm": 0}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def source_text(cell: Cell, columns: tuple[str, ...]) -> str:
    """The text of a cell as it stands in the source, given the SQL of the columns it reads."""
    if cell.column:
        sql = columns[0]
    elif cell.join:
        sql = f"nullif(concat_ws({text(cell.separator)}, {', '.join(columns)}), '')"
    else:
        sql = _literal(word(cell.constant))
    return _element(sql, cell.xml) if cell.xml else sql


def meant_text(cell: Cell, found: str) -> str:
    """The text that is meant: values and replacements applied, a default put in for an empty cell."""
    sql = found
    if cell.values or cell.replace:
        pairs = (cell.values or cell.replace).items()
        cases = " ".join(f"WHEN {found} = {text(old)} THEN {_literal(word(new))}" for old, new in pairs)
        other = f"WHEN {found} IS NOT NULL THEN {text(UNLISTED)}" if cell.values else f"ELSE {found}"
        sql = f"CASE {cases} {other} END"
    return f"coalesce({sql}, {_literal(word(cell.default))})" if cell.default is not None else sql


def value(kind: Type, cell: Cell, meant: str, money_scale: int) -> str:
    """The typed value of the meant text; NULL where there is none or it cannot be read."""
    match kind:
        case Type.TEXT:
            return f"CASE WHEN {meant} <> {text(UNLISTED)} THEN {meant} END"
        case Type.BOOL:
            return f"CASE lower({meant}) WHEN 'true' THEN true WHEN 'false' THEN false END"
        case Type.DATE:
            return _day(cell, meant)
        case Type.COUNT:
            return _number(cell, meant, 0, "")
        case Type.MONEY:
            return _number(cell, meant, money_scale - cell.scale, cell.decimal)
        case Type.SHARE:
            share = _number(cell, meant, _SHARE_PLACES[cell.unit], cell.decimal)
            return f"CASE WHEN {share} BETWEEN 0 AND 1000000 THEN {share} END"


def expected(kind: Type, cell: Cell, money_scale: int) -> str:
    """What a readable cell looks like, for a person."""
    if cell.values:
        return "one of " + ", ".join(f"`{old}`" for old in cell.values)
    match kind:
        case Type.TEXT:
            return "text"
        case Type.BOOL:
            return "`true` or `false`"
        case Type.DATE:
            return f"a day as `{cell.format}`" if cell.format else "a day as YYYY-MM-DD"
        case Type.COUNT:
            return "a whole number"
        case Type.MONEY:
            return f"an amount with at most {money_scale - cell.scale} decimals after `{cell.decimal}`"
        case Type.SHARE:
            return f"a share from 0 to 1, as {cell.unit}"


def _literal(value: str) -> str:
    return text(value) if value else "CAST(NULL AS VARCHAR)"


def _element(sql: str, name: str) -> str:
    tag = rf"(?:[A-Za-z_][\w.-]*:)?{name.replace('.', '[.]')}"
    pattern = rf"<{tag}(?:\s[^>]*)?>([^<]*)</{tag}\s*>"
    found = f"regexp_extract({sql}, {text(pattern)}, 1)"
    for entity, sign in _ENTITIES:
        found = f"replace({found}, {text(entity)}, {text(sign)})"
    return f"nullif(trim({found}), '')"


def _number(cell: Cell, meant: str, places: int, point: str) -> str:
    """Digits shifted by `places`: exact, or NULL where a decimal would be lost."""
    whole = "[0-9]{1,18}"
    if cell.thousands:
        whole = f"([0-9]{{1,3}}([{cell.thousands}][0-9]{{3}})+|{whole})"
    pattern = f"[+-]?({whole}([{point}][0-9]*)?|[{point}][0-9]+)" if point else f"[+-]?{whole}"
    plain = f"replace({meant}, {text(cell.thousands)}, '')" if cell.thousands else meant
    integer = f"ltrim(split_part({plain}, {text(point)}, 1), '+')" if point else f"ltrim({plain}, '+')"
    decimals = f"rtrim(split_part({plain}, {text(point)}, 2), '0')" if point else "''"
    number = f"TRY_CAST({integer} || rpad({decimals}, {places}, '0') AS BIGINT)"
    fits = f"regexp_full_match({meant}, {text(pattern)}) AND length({decimals}) <= {places}"
    return f"CASE WHEN {fits} AND abs({number}) <= 1000000000000000 THEN {number} END"


def _day(cell: Cell, meant: str) -> str:
    if cell.format:
        day = f"CAST(try_strptime({meant}, {text(cell.format)}) AS DATE)"
    else:
        day = f"CASE WHEN regexp_full_match({meant}, {text(_ISO_DAY)}) THEN TRY_CAST(left({meant}, 10) AS DATE) END"
    shifted = f"{day} + {cell.plus_days}" if cell.plus_days else day
    return f"CASE WHEN {shifted} BETWEEN DATE '1900-01-01' AND DATE '9999-12-31' THEN {shifted} END"
