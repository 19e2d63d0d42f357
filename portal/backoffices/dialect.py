"""How a back office is spoken to that others made: how we show who we are, and how it says no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

Body = BaseModel | Mapping[str, Any]  # a mapping of plain JSON values, whatever the office takes
JSON: Final = ("application/json", "application/problem+json")


class _Problem(BaseModel):
    """How an office says no that keeps to what we describe."""

    code: str
    message: str = ""


def bearer(token: str) -> Mapping[str, str]:
    """The token as RFC 6750 has it."""
    return {"Authorization": f"Bearer {token}"}


def code_of_problem(content: bytes) -> str | None:
    """The `code` of a refusal as we describe it; None for anything else."""
    try:
        return _Problem.model_validate_json(content).code
    except ValidationError:
        return None


def as_json(body: Body) -> bytes:
    """The body of a call as JSON."""
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return TypeAdapter(dict[str, Any]).dump_json(dict(body))


def as_it_is(content: bytes) -> bytes:
    """An answer that is JSON already."""
    return content


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs from office to office. As it stands, what a council's own system is asked to keep to.

    `credentials` makes the headers that show a token; `refusal` finds the code in the body of a 400, 404, 409 or 422,
    or None when that body is none of the office's: a proxy's, perhaps. `content_type` and `write` are how calls are
    written; `media_types` what its answers are, the first one asked for, and `read` makes JSON of them, raising
    ValueError for what it cannot read. An office that is `silent` says nothing in its answers but by their status.
    `says_no` are the statuses that are a no whatever else stands in the answer: to wait would not change it.
    """

    credentials: Callable[[str], Mapping[str, str]] = bearer
    refusal: Callable[[bytes], str | None] = code_of_problem
    content_type: str = "application/json"
    write: Callable[[Body], bytes] = as_json
    media_types: tuple[str, ...] = JSON
    read: Callable[[bytes], bytes] = as_it_is
    silent: bool = False
    says_no: frozenset[int] = frozenset()


OURS = Dialect()
