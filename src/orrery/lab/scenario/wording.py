"""What is wrong with a scenario's content, in words: key, what came, what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def in_words(error: ValidationError, model: type[BaseModel]) -> str:
    """Say every problem that the validation of a model found."""
    return "; ".join(_one(dict(problem), model) for problem in error.errors())


def _one(problem: dict[str, Any], model: type[BaseModel]) -> str:
    parts = problem["loc"]
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in parts)
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"unknown key `{key}`{_hint(parts, model)}"
    if kind == "missing":
        return f"`{key}` is missing; add it"
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return f"`{key}`: {message}" if key else message
    return f"`{key}`: {problem['input']!r} came; {message[0].lower()}{message[1:]}"


def _hint(parts: Sequence[str | int], model: type[BaseModel]) -> str:
    known = _model_at(parts[:-1], model).model_fields
    close = get_close_matches(str(parts[-1]), known, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; allowed: {', '.join(known)}"


def _model_at(parts: Sequence[str | int], model: type[BaseModel]) -> type[BaseModel]:
    """Return the model of the table that a key stands in."""
    for part in parts:
        if isinstance(part, str):
            model = next(_models(model.model_fields[part].annotation))
    return model


def _models(annotation: Any):
    """Yield the models that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
