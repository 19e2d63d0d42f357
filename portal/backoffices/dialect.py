"""How a back office is spoken to that others made: how we show who we are, and how it says no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError


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


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs from office to office. As it stands, what a council's own system is asked to keep to.

    `credentials` makes the headers that show a token; `refusal` finds the code in the body of a 400, 404, 409 or 422,
    or None when that body is none of the office's: a proxy's, perhaps.
    """

    credentials: Callable[[str], Mapping[str, str]] = bearer
    refusal: Callable[[bytes], str | None] = code_of_problem


OURS = Dialect()
