"""The one door to templates: what is to be said becomes HTML, every text of it escaped and visible.

Nothing but the folder of templates is opened. A value that a template asks for and nobody gave is an error.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ACTING = ("Cc", "Cf", "Cs", "Co", "Cn")
_HARMLESS = "\n\t\u00ad\u200c\u200d"
"""Line ends of a checkpoint, soft hyphens, and the joiners that some scripts need."""


def filled(
    templates: Path, name: str, values: Mapping[str, object], *, undrawable: frozenset[str] = frozenset()
) -> str:
    """A template of that folder with these values in it.

    Characters in `undrawable`, and those that would act on the page, are shown by their code: `‹U+202E›`.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value, undrawable) if isinstance(value, str) else value,
    )
    return environment.get_template(name).render(values)


def visible(text: str, undrawable: frozenset[str]) -> str:
    """The text with a code in place of every character that nobody could draw, or that would act on the page."""
    if text.isascii() and text.isprintable():
        return text
    for character in {
        c for c in text if c in undrawable or (unicodedata.category(c) in _ACTING and c not in _HARMLESS)
    }:
        text = text.replace(character, code(character))
    return text


def code(character: str) -> str:
    """`‹U+202E›`."""
    return f"‹U+{ord(character):04X}›"
