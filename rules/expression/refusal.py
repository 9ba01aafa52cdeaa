"""Why is something that CEL has refused here? One reason for each class of refusal, the same wherever it happens."""

from enum import Enum

from rules.expression.tree import Node, Source
from rules.problem import BadInput, Problem


class Reason(Enum):
    """A class of refusals, in the words of the documentation."""

    SYNTAX = "not an expression of CEL"
    TOO_LARGE = "too long, too deep, or too large when its names are written out"
    RESERVED = "a word that CEL reserves"
    FLOAT = "floating-point numbers are not part of the language: nothing is rounded unseen"
    UNSIGNED = "unsigned numbers are not part of the language: every number is signed"
    BYTES = "bytes are constants: none depend on a fact, and policies read text"
    NULL = "`null` is not part of the language: what is missing is unknown"
    MAP = "maps and messages are not part of the language: a fact is a single value or a list"
    TYPE = "types are not values: every kind is settled before anything is evaluated"
    OPTIONAL = "optional selection is not part of the language: `has` asks"
    SELECTION = "only the name of a fact has dots: values have no parts"
    CHAINED = "comparisons in a row say something else than they seem to"
    COMMENT = "a comment that ends with the text might hide a line joined to it"
    BIDI = "signs that turn the direction of writing hide what a text says"
    NESTED_LIST = "lists of lists are not part of the language"
    MIXED_LIST = "the items of a list are of one kind and unit"
    EMPTY_LIST = "an empty list decides nothing"
    LIST_KIND = "a list stands where a single value belongs, or the other way round"
    MIXED_BRANCHES = "both branches of a choice are of one kind and unit"
    KIND = "these kinds do not go together"
    UNIT = "a difference in points is no level, and a level is no difference"
    RANGE = "arithmetic that could leave the range of its kind"
    DIVISOR = "a divisor that could be 0"
    UNDEFINED = "a constant part that has no value: dividing by 0, leaving 64 bits, beyond the end of a list"
    CONSTANT = "a constant that is not written as its form asks"
    RESOLUTION = "time finer than a microsecond"
    ZONE = "named time zones are not part of the language: their rules change"
    CONVERSION = "only constants are converted, and only where nothing is lost"
    PATTERN = "a pattern that regular-expression engines understand differently"
    MACRO = "a macro in a form that this language does not have"
    UNKNOWN_NAME = "unknown name"
    UNKNOWN_FUNCTION = "unknown function or method"
    MISPLACED = "a function where it does not belong, or with other arguments than it takes"
    OPTIONAL_FACT = "an optional fact that nothing before it asks about"


def refusal(
    source: Source,
    offset: int,
    message: str,
    *,
    reason: Reason = Reason.SYNTAX,
    hint: str = "",
    expected: str = "",
    end: int = 0,
) -> BadInput:
    """One problem with the text from `offset` to `end`, to be raised; underlined on its first line only."""
    line_end = source.text.find("\n", offset)
    last = min(end, line_end) if line_end >= 0 else end
    span = max(1, last - offset)
    return BadInput([Problem(source.at(offset), message, expected=expected, hint=hint, span=span, reason=reason.value)])


def refused_at(
    source: Source, node: Node, message: str, *, reason: Reason, hint: str = "", expected: str = ""
) -> BadInput:
    """One problem with a node, to be raised."""
    return refusal(source, node.offset, message, reason=reason, hint=hint, expected=expected, end=node.end)
