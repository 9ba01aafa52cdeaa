"""The tables of docs/language.md: what every operator, function and method takes and answers, asked of the checker.

A row is what is written, its kinds, and its meaning. The first two cells come from the code; the meaning is what the
page says in that row.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

from engine.conditions.condition_case import value_of
from rules.expression.calls import FUNCTIONS, MACRO_FORMS, METHODS
from rules.expression.check import Checked, Scope, compile_text
from rules.expression.constants import FORMS
from rules.expression.conversions import ACCESSORS
from rules.expression.operands import FORMULA_FORMS, Refused, result_of, result_of_formula
from rules.expression.term import COMPARISONS, RANGE, UNIT_OF_KIND, Op, Term
from rules.kinds import Kind, Unit
from rules.problem import BadInput, Place
from rules.vocabulary import Field

NOWHERE = Place("language.md", 1, 1)
ITEMS = [kind for kind in Kind if kind.value not in ("list", "bytes")]
"""What a fact may be, besides a list."""
PROBES: Mapping[str, Field] = {
    **{f"{side}.{kind.value}": Field(f"{side}.{kind.value}", kind, "") for side in "ab" for kind in ITEMS},
    **{f"{side}.points": Field(f"{side}.points", Kind.RATIO, "", unit=Unit.POINTS) for side in "ab"},
    **{f"{side}.list": Field(f"{side}.list", Kind.LIST, "", of=Kind.TEXT) for side in "ab"},
    **{f"a.{kind.value}s": Field(f"a.{kind.value}s", Kind.LIST, "", of=kind) for kind in ITEMS},
    "a.optional": Field("a.optional", Kind.TEXT, "", optional=True),
}
"""A fact of every kind on either side: `a.money`, `b.money`; and a list of every kind, `a.moneys`."""
NAMES = [*(kind.value for kind in ITEMS), "points", "list"]
SCOPE = Scope(PROBES, {})
CONSTANTS: Mapping[str, tuple[str, ...]] = {
    "text": ('"1"', '"true"', '"2026-01-01"', '"2026-01-01T00:00:00Z"', '"1s"', '"UTC"'),
    "count": ("1",),
    "bool": ("true",),
    "timestamp": ("timestamp(0)",),
    "duration": ('duration("1s")',),
    "bytes": ('b"1"',),
}
"""Kind to constants of it, one of which every function on constants takes."""
ARITHMETIC = (Op.PLUS, Op.MINUS, Op.TIMES, Op.QUOTIENT, Op.REMAINDER)
ROW = re.compile(r"^\| (.*?) \| .* \| (.*?) \|$", re.MULTILINE)


def probed(text: str) -> Checked | None:
    """The expression, if it is accepted."""
    try:
        return compile_text(text, NOWHERE, SCOPE)
    except BadInput:
        return None


def named(kind: Kind, unit: Unit, of: Kind | None = None) -> str:
    if kind is Kind.LIST:
        return f"list of {of.value}" if of else "list"
    return "points" if unit is Unit.POINTS else kind.value


def answer(checked: Checked) -> str:
    return named(checked.kind, checked.unit, checked.node.of)


def term(name: str) -> Term:
    field = PROBES[f"a.{name}"]
    unit = field.unit if field.unit is not Unit.NONE else UNIT_OF_KIND[field.kind]
    return Term(Op.FACT, field.kind, unit, field.name, 0, name=field.name, of=field.of)


def written_table(rows: Iterable[tuple[str, str]], page: str, middle_head: str = "takes and answers") -> str:
    """Rows with the meaning that the page has for them; a row that is new has none, which a test refuses."""
    meaning = {found[1]: found[2] for found in ROW.finditer(page)}
    lines = "".join(f"| {first} | {middle} | {meaning.get(first, '')} |\n" for first, middle in rows)
    return f"| written | {middle_head} | meaning |\n|---|---|---|\n{lines}"


def kind_rows() -> Iterator[tuple[str, str]]:
    """Every kind, and the range that facts and parameters of it have."""
    for kind in Kind:
        low, high = RANGE.get(kind, (None, None))
        if kind is Kind.DATE:
            yield "`date`", "0001-01-01 to 9999-12-31"
        elif high is None or kind in (Kind.TIMESTAMP, Kind.DURATION):
            yield f"`{kind.value}`", ""
        else:
            yield f"`{kind.value}`", f"{low:,} to {high:,}"


def operator_rows() -> Iterator[tuple[str, str]]:
    yield "`!a`", _accepted(lambda n: (f"!a.{n}", n))
    yield "`-a`", _accepted(lambda n: (f"-a.{n}", n))
    for op in ("&&", "||"):
        yield f"`a {op} b`".replace("|", r"\|"), _accepted(lambda n, op=op: (f"a.{n} {op} b.{n}", n), "two of ")  # type: ignore[misc] # mypy cannot infer a lambda's default
    for op in sorted((o.value for o in COMPARISONS), key=lambda o: (o not in ("==", "!="), o == "!=", o)):
        yield f"`a {op} b`", _accepted(lambda n, op=op: (f"a.{n} {op} b.{n}", n), "two of ")  # type: ignore[misc] # as above
    yield "`a in b`", _accepted(lambda n: (f"a.{n} in a.{n}s", n), "one of them, and a list of it: ")
    for sign in ARITHMETIC:
        yield f"`a {sign.value} b`", "; ".join(_sums(sign))
    yield (
        "`c ? a : b`",
        _accepted(lambda n: (f"(a.bool ? a.{n} : b.{n}) == a.{n}", n), "bool, and two of ", "their kind"),
    )
    yield "`a[i]`", "list[count] → its item"
    yield "`[a, b]`", "any values of one kind → list of it"


def _accepted(written: Callable[[str], tuple[str, str]], before: str = "", after: str = "") -> str:
    """The kinds that a form takes, with what it answers: one answer for all, or each its own."""
    found = ((shown, probed(text)) for text, shown in (written(name) for name in NAMES))
    each = [(shown, answer(checked)) for shown, checked in found if checked]
    answers = {said for _, said in each}
    if after or len(answers) == 1:
        return f"{before}{', '.join(shown for shown, _ in each)} → {after or answers.pop()}"
    return "; ".join(f"{shown} → {said}" for shown, said in each)


def _sums(op: Op) -> Iterator[str]:
    for left, right in product(NAMES, NAMES):
        for formulas in (False, True):
            try:
                kind, unit = result_of(op, term(left), term(right), formulas=formulas)
            except Refused:
                continue
            note = " (formulas only)" if formulas else ""
            yield f"{left} {op.value} {right} → {named(kind, unit) if kind is not Kind.LIST else 'list'}{note}"
            break


def constant_rows() -> Iterator[tuple[str, str]]:
    for kind, unit, example in FORMS.values():
        yield f"`{example}`", named(kind, unit)


def function_rows() -> Iterator[tuple[str, str]]:
    for name in FUNCTIONS:
        if name == "has":
            yield "`has(fact)`", "an optional fact of any kind → bool"
        elif name not in FORMS:
            two = probed(f'{name}(a.text, "x")')
            yield (
                f"`{name}({'a, b' if two else 'a'})`",
                ("; ".join(_of_one(f"{name}({{}})")) if not two else f"text, constant text → {answer(two)}"),
            )


def method_rows() -> Iterator[tuple[str, str]]:
    for name in METHODS:
        if name in ACCESSORS:
            yield f"`a.{name}()`, `a.{name}(zone)`", "; ".join(_of_one(f"{{}}.{name}()"))
        elif name == "size":
            yield "`a.size()`", "; ".join(_of_one("{}.size()"))
        elif name not in MACRO_FORMS:
            text = probed(f"a.text.{name}(b.text)")
            checked = text or probed(f'a.text.{name}("x")')
            assert checked is not None
            yield f"`a.{name}(b)`", f"text, {'text' if text else 'constant text'} → {answer(checked)}"


def macro_rows() -> Iterator[tuple[str, str]]:
    for name in sorted(MACRO_FORMS):
        body = "t + 1" if name == "map" else "t > 1"
        checked = probed(f"a.counts.{name}(t, {body})")
        assert checked is not None
        said = {"map": "list, any value → list of it", "filter": "list, bool → list of the same"}
        yield f"`a.{name}(t, …)`", said.get(name, f"list, bool → {answer(checked)}")


def _of_one(text: str) -> Iterator[str]:
    """What one argument or receiver may be: of a kind, or a constant of it."""
    found: dict[str, list[str]] = {}
    for name in (*NAMES, "bytes"):
        fact = probed(text.format(f"a.{name}"))
        tried = (probed(text.format(constant)) for constant in CONSTANTS.get(name, ()))
        checked = fact or next((c for c in tried if c), None)
        if checked:
            found.setdefault(answer(checked), []).append(name if fact else f"constant {name}")
    for said, names in found.items():
        yield f"{', '.join(names)} → {said}"


def formula_rows() -> Iterator[tuple[str, str]]:
    for name, written in FORMULA_FORMS.items():
        found = []
        for count in (2, 3):
            for kinds in product(NAMES, repeat=count):
                try:
                    kind, unit = result_of_formula(name, tuple(term(k) for k in kinds))
                except Refused:
                    continue
                found.append(f"{', '.join(kinds)} → {named(kind, unit)}")
            if found:
                break
        yield f"`{written}`", "; ".join(found)


def truth_table() -> str:
    """`&&` and `||` for every pair of true, false and unknown."""
    words: Mapping[bool | None, str] = {True: "true", False: "false", None: "unknown"}
    scope = Scope({n: Field(n, Kind.BOOL, "") for n in ("a.a", "a.b")}, {})
    both, either = (compile_text(f"a.a {op} a.b", NOWHERE, scope) for op in ("&&", "||"))
    rows = ""
    for left, right in product(words, words):
        case = {name: value for name, value in (("a.a", left), ("a.b", right)) if value is not None}
        and_, or_ = (words[value_of(checked, case, {})] for checked in (both, either))  # type: ignore[index] # conditions
        rows += f"| {words[left]} | {words[right]} | {and_} | {or_} |\n"
    return f"| `a` | `b` | `a && b` | `a \\|\\| b` |\n|---|---|---|---|\n{rows}"
