"""What does a function, a method or a macro answer for its arguments, and which are there?"""

from collections.abc import Mapping
from dataclasses import replace

from rules.expression.checking import Checking
from rules.expression.constants import FORMS, constant
from rules.expression.conversions import ACCESSORS, CONVERSIONS, NamedZone, TooFine, part_of_duration, part_of_timestamp
from rules.expression.operands import FORMULA_FORMS, require_condition, result_of_formula, told
from rules.expression.pattern import Unportable, steps_of
from rules.expression.refusal import Reason
from rules.expression.term import MACROS, Op, Term
from rules.expression.tree import Call, Method, Name, Node
from rules.kinds import Kind
from rules.problem import BadInput, nearest

TEXT_METHODS = {
    "contains": Op.CONTAINS,
    "startsWith": Op.STARTS_WITH,
    "endsWith": Op.ENDS_WITH,
    "matches": Op.MATCHES,
}
MACRO_FORMS: Mapping[str, Op] = {op.value: op for op in MACROS}
METHODS = ("size", *TEXT_METHODS, *sorted(MACRO_FORMS), *sorted(ACCESSORS))
FUNCTIONS = ("has", "size", "matches", *FORMS, *CONVERSIONS)
ACCUMULATOR = "__result__"
"""The name under which CEL gathers what a macro finds: it is never free for an item."""
_REFUSED = {
    "uint": (Reason.UNSIGNED, "unsigned numbers are not part of the language"),
    "double": (Reason.FLOAT, "floating-point numbers are not part of the language"),
    "type": (Reason.TYPE, "types are not values"),
    "dyn": (Reason.TYPE, "every kind is settled before anything is evaluated"),
    "optional": (Reason.OPTIONAL, "optional values are not part of the language"),
}


def called(checker: Checking, node: Call, known: frozenset[str]) -> Term:
    """A function with its arguments. Raises BadInput."""
    name = node.name
    if name == "has":
        return _has(checker, node)
    if name in FORMS:
        kind, unit, example = FORMS[name]
        try:
            value = constant(node, checker.scope.minor_digits)
        except ValueError as error:
            expected = f"for example `{example}`"
            raise checker.wrong(node, str(error), Reason.CONSTANT, expected=expected) from None
        return checker.made(Op.LITERAL, kind, node, unit=unit, value=value)
    if name in _REFUSED:
        reason, message = _REFUSED[name]
        raise checker.wrong(node, message, reason)
    if name in CONVERSIONS:
        return _converted(checker, node, known)
    if name in FORMULA_FORMS:
        return _formula(checker, node, known)
    match name, node.arguments:
        case "size", (whole,):
            return _size(checker, node, checker.term(whole, known))
        case "matches", (_, _):
            return _about_text(checker, node, Op.MATCHES, *checker.all(node.arguments, known))
    if name in METHODS:
        hint = f"write it after its value: `account.name.{name}(…)`" if name not in FUNCTIONS else f"write `{name}(a)`"
        raise checker.wrong(node, f"`{name}` does not stand alone with these arguments", Reason.MISPLACED, hint=hint)
    names = (*FUNCTIONS, *(FORMULA_FORMS if checker.scope.formulas else ()))
    raise checker.wrong(node, f"unknown function `{name}`", Reason.UNKNOWN_FUNCTION, hint=nearest(name, names))


def method_called(checker: Checking, node: Method, known: frozenset[str]) -> Term:
    """A method or macro of what stands before the dot. Raises BadInput."""
    name, count = node.name, len(node.arguments)
    if name in MACRO_FORMS:
        return _macro(checker, node, known)
    if name not in METHODS:
        if isinstance(node.receiver, Name) and f"{node.receiver.text}.{name}" in checker.scope.fields:
            hint = f"a fact is not a function: write `{node.receiver.text}.{name}`"
        else:
            hint = nearest(name, METHODS)
        raise checker.wrong(node, f"unknown method `{name}`", Reason.UNKNOWN_FUNCTION, hint=hint)
    receiver, *arguments = checker.all((node.receiver, *node.arguments), known)
    if name == "size" and not count:
        return _size(checker, node, receiver)
    if name in TEXT_METHODS and count == 1:
        return _about_text(checker, node, TEXT_METHODS[name], receiver, arguments[0])
    if name in ACCESSORS and (count == 0 or (count == 1 and receiver.kind is Kind.TIMESTAMP)):
        return _part_of_time(checker, node, receiver, arguments)
    expected = "a time zone or nothing" if name in ACCESSORS else "nothing" if name == "size" else "one text"
    message = f"`{name}` does not take these arguments"
    raise checker.wrong(node, message, Reason.MISPLACED, expected=expected)


def _formula(checker: Checking, node: Call, known: frozenset[str]) -> Term:
    if not checker.scope.formulas:
        raise checker.wrong(node, f"`{node.name}` belongs in a formula line, not here", Reason.MISPLACED)
    parts = checker.all(node.arguments, known)
    with checker.at(node):
        kind, unit = result_of_formula(node.name, parts)
    return checker.made(Op(node.name), kind, node, parts, unit=unit)


def _has(checker: Checking, node: Call) -> Term:
    scope = checker.scope
    fact = node.arguments[0] if len(node.arguments) == 1 else None
    # CEL asks `has` about what stands behind a dot, and takes nothing else.
    if not isinstance(fact, Name) or (fact.text in scope.fields and "." not in fact.text):
        hint = "write `has(account.contract_end)`"
        raise checker.wrong(node, "`has` takes one fact", Reason.MISPLACED, hint=hint)
    if any(fact.text in named for named in (scope.parameters, scope.lines, scope.definitions, checker.variables)):
        raise checker.wrong(fact, f"`{fact.text}` is no fact", Reason.MISPLACED, hint="`has` asks about facts only")
    if fact.text not in scope.fields:
        raise checker.unknown(fact)
    if not scope.fields[fact.text].optional:
        hint = "leave `has` out: where the fact is missing, the condition is unknown"
        raise checker.wrong(fact, f"`{fact.text}` is never none", Reason.MISPLACED, hint=hint)
    asked = checker.fact(fact, scope.fields[fact.text], frozenset({fact.text}))
    return checker.made(Op.HAS, Kind.BOOL, node, (asked,), name=fact.text)


def _size(checker: Checking, node: Node, whole: Term) -> Term:
    if whole.kind not in (Kind.TEXT, Kind.BYTES, Kind.LIST):
        raise checker.wrong(node, f"{told(whole)} has no size", Reason.KIND, hint="texts and lists have one")
    return checker.made(Op.SIZE, Kind.COUNT, node, (whole,))


def _about_text(checker: Checking, node: Node, op: Op, whole: Term, part: Term) -> Term:
    if op is Op.CONTAINS and whole.kind is Kind.LIST:
        hint = f"write `{part.text} in {whole.text}`"
        raise checker.wrong(node, f"{told(whole)} is no text", Reason.KIND, hint=hint)
    for term in (whole, part):
        if term.kind is not Kind.TEXT:
            raise checker.wrong(node, f"{told(term)} is no text", Reason.KIND, hint=f"`{op.value}` asks about texts")
    if op is Op.MATCHES:
        if part.op is not Op.LITERAL:
            hint = "a pattern is checked before any fact is looked at"
            raise checker.wrong(node, f"`{part.text}` is no literal pattern", Reason.PATTERN, hint=hint)
        try:
            steps_of(str(part.value))
        except Unportable as error:
            raise checker.wrong(node, f"in the pattern, {error}", Reason.PATTERN, hint=error.hint) from None
    return checker.made(op, Kind.BOOL, node, (whole, part))


def _converted(checker: Checking, node: Call, known: frozenset[str]) -> Term:
    kind, ways = CONVERSIONS[node.name]
    if len(node.arguments) != 1:
        raise checker.wrong(node, f"`{node.name}` takes one value", Reason.MISPLACED)
    term = checker.term(node.arguments[0], known)
    if term.kind not in ways:
        raise checker.wrong(node, f"`{node.name}` does not take {told(term)}", Reason.CONVERSION)
    if term.op is not Op.LITERAL:
        hint = "only constants are converted"
        raise checker.wrong(node, f"{told(term)} is no constant", Reason.CONVERSION, hint=hint)
    try:
        return checker.made(Op.LITERAL, kind, node, value=ways[term.kind](term.value))
    except ValueError as error:
        raise _time_refused(checker, node, error) from None


def _part_of_time(checker: Checking, node: Method, receiver: Term, arguments: list[Term]) -> Term:
    if receiver.kind not in (Kind.TIMESTAMP, Kind.DURATION):
        hint = "dates are compared, and moved by `days(90)`" if receiver.kind is Kind.DATE else ""
        raise checker.wrong(node, f"{told(receiver)} has no `{node.name}`", Reason.KIND, hint=hint)
    for term in (receiver, *arguments):
        if term.op is not Op.LITERAL:
            hint = "parts of a time are taken of constants only"
            raise checker.wrong(node, f"{told(term)} is no constant", Reason.CONVERSION, hint=hint)
    if any(term.kind is not Kind.TEXT for term in arguments):
        raise checker.wrong(node, f"{told(arguments[0])} is no time zone", Reason.KIND)
    moment = int(receiver.value)  # type: ignore[arg-type] # microseconds
    try:
        if receiver.kind is Kind.DURATION:
            value = part_of_duration(node.name, moment)
        else:
            value = part_of_timestamp(node.name, moment, *(str(zone.value) for zone in arguments))
    except ValueError as error:
        raise _time_refused(checker, node, error) from None
    return checker.made(Op.LITERAL, Kind.COUNT, node, value=value)


def _time_refused(checker: Checking, node: Node, error: ValueError) -> BadInput:
    if isinstance(error, TooFine):
        return checker.wrong(node, str(error), Reason.RESOLUTION, hint="write at most six decimals of a second")
    if isinstance(error, NamedZone):
        return checker.wrong(node, str(error), Reason.ZONE, hint='write `"UTC"` or an offset, `"+01:00"`')
    return checker.wrong(node, str(error), Reason.CONVERSION)


def _macro(checker: Checking, node: Method, known: frozenset[str]) -> Term:
    op, name = MACRO_FORMS[node.name], node.name
    match node.arguments:
        case (Name() as variable, body) if "." not in variable.text:
            pass
        case _:
            hint = f"write `account.tags.{name}(t, …)`"
            raise checker.wrong(node, f"`{name}` takes a new name and a part that reads it", Reason.MACRO, hint=hint)
    listed = checker.term(node.receiver, known)
    if listed.kind is not Kind.LIST:
        raise checker.wrong(node, f"{told(listed)} is no list", Reason.LIST_KIND, hint=f"`{name}` looks at a list")
    taken = {word.partition(".")[0] for word in (ACCUMULATOR, *checker.scope.names(), *checker.variables)}
    if variable.text in taken:
        raise checker.wrong(variable, f"`{variable.text}` already names something", Reason.MACRO, hint="choose another")
    # Of an empty list nothing is read, whatever its items would be; CEL takes them for anything.
    item = Term(Op.VARIABLE, listed.of or Kind.COUNT, listed.unit, variable.text, variable.offset, name=variable.text)
    inside = replace(checker, variables={**checker.variables, variable.text: item})
    looked = inside.term(body, known)
    if op is Op.MAP:
        if looked.kind is Kind.LIST:
            raise checker.wrong(body, "a list holds single values only", Reason.NESTED_LIST)
        return checker.made(op, Kind.LIST, node, (listed, looked), unit=looked.unit, name=variable.text, of=looked.kind)
    with checker.at(body):
        require_condition(looked, name)
    if op is Op.FILTER:
        return checker.made(op, Kind.LIST, node, (listed, looked), unit=listed.unit, name=variable.text, of=listed.of)
    return checker.made(op, Kind.BOOL, node, (listed, looked), name=variable.text)
