"""What does each key of a shape mean? The words that stand below its field in the source, read when somebody asks.

Pydantic can read them too, of every class as it is made: that is the larger part of starting a command that never
shows one.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel


def meanings(shape: type[BaseModel]) -> Mapping[str, str]:
    """Field to its meaning, of the shape and of those that it is made from. Empty where the source is not there."""
    found: dict[str, str] = {}
    for base in reversed(shape.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found.update(_own(base))
    return {name: found[name] for name in shape.model_fields if name in found}


def shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The shapes that a type holds, and those that their fields hold, each before what it holds; maybe twice."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from shapes_in(field.annotation)
    for inner in get_args(annotation):
        yield from shapes_in(inner)


def _own(shape: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        [made] = ast.parse(inspect.getsource(shape)).body
    except (OSError, TypeError):
        return
    lines = made.body if isinstance(made, ast.ClassDef) else []
    for line, below in pairwise(lines):
        match line, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, inspect.cleandoc(words)
            case _:
                pass
