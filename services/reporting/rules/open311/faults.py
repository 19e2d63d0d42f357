"""How a request to the API can be wrong, as GeoReport v2 has it: an HTTP status, and a sentence for each thing."""

from collections.abc import Sequence
from typing import Final

BAD_REQUEST: Final = 400
"""Something is missing, cannot be read, or is refused by a rule."""
FORBIDDEN: Final = 403
"""The key is missing, unknown, or not for this."""
NOT_FOUND: Final = 404
"""There is no such service, report, token, jurisdiction or address."""

UNSUPPORTED: Final = 415
"""A body that is no form."""
UNPROCESSABLE: Final = 422
"""Other words under an `Idempotency-Key` that was used before."""


class Wrong(Exception):
    """What is wrong with a request, whole: a program's author mends everything at once."""

    def __init__(self, status: int, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self.status = status
        self.sentences = tuple(sentences)


def wrong(sentence: str, status: int = BAD_REQUEST) -> Wrong:
    """One thing that is wrong."""
    return Wrong(status, (sentence,))
