"""Readers and writers of the types that services name, made once each: to make one costs as much as a page."""

from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def shape_of(kind: type[T]) -> TypeAdapter[T]:
    """What reads and writes a `kind` as JSON: a pydantic model, or a tuple of them."""
    return cast(TypeAdapter[T], _made(kind))  # type: ignore[arg-type]  # every type is hashable; mypy asks it of T


@lru_cache(maxsize=100)
def _made(kind: Any) -> TypeAdapter[Any]:  # any type that pydantic reads and writes
    return TypeAdapter(kind)
