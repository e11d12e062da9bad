"""What is wrong with a scenario, as pydantic finds it, in words: the key, what came and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError


def in_words(error: ValidationError, whole: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> str:
    """Return every problem, separated by semicolons; entries of lists are counted from 1.

    Args:
        error: what pydantic found.
        whole: the model that was read.
        parts: models of its tables, by key.
    """
    return "; ".join(_in_words(dict(problem), whole, parts) for problem in error.errors())


def _in_words(problem: dict[str, Any], whole: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> str:
    path = problem["loc"]
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)
    if problem["type"] == "extra_forbidden":
        model = parts.get(str(path[0]), whole) if len(path) > 1 else whole
        close = get_close_matches(str(path[-1]), model.model_fields, n=1, cutoff=0.7)
        hint = f"; did you mean `{close[0]}`?" if close else f"; allowed: {', '.join(model.model_fields)}"
        return f"unknown key `{key}`{hint}"
    if problem["type"] == "missing":
        return f"`{key}` is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"`{key}`: {message}" if key else message
    return f"`{key}`: {problem['input']!r} came; {message[0].lower()}{message[1:]}"
