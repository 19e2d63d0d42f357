"""The desk's response templates, for what a service lets staff say to everybody."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.cases.merge_fields import fill
from portal.cases.responses import responses_for
from portal.cases.values import Case
from portal.web.languages import current_language


def _nothing() -> str:
    return ""


_OF_ONE_PERSON: Final[Mapping[str, Callable[[], str]]] = dict.fromkeys(("name", "full_name", "page"), _nothing)
"""Who sent the case, and the address of its page, which only they can open."""


@dataclass(frozen=True, slots=True)
class PublicText:
    """A template as it reads for one case, fit for everybody."""

    id: uuid.UUID
    title: str
    text: str


def public_texts(case: Case) -> Sequence[PublicText]:
    """The templates in use that fit a case, filled in, by title: for words that everybody may read.

    Those that name the resident are left out, and those that ask for something of which nothing is known.
    """
    filled = [(each, fill(each, case, current_language(), _OF_ONE_PERSON)) for each in responses_for(case)]
    return [PublicText(each.id, each.title, found.text) for each, found in filled if not found.missing]
