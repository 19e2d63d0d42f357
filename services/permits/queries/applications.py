"""Applications that somebody is making: their drafts, and what the pages of questions must know."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal.kit import Account, Draft, NotFound, clock, get_draft, open_drafts
from services.permits.queries.proofs import purposes_of_draft
from services.permits.queries.tariffs import tariff_on
from services.permits.rules.application_steps import OF, Asking, Journey
from services.permits.rules.permits import KINDS
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.tariff import Tariff
from services.permits.rules.wanted import wanted
from services.permits.workflow import SERVICE


def get_application_draft(account: Account, draft_id: UUID) -> Draft:
    """The resident's own, of any of our journeys but that of a new business. Raises NotFound."""
    draft = get_draft(account.id, draft_id)
    if draft.service != SERVICE or find_journey(draft) is None:
        raise NotFound
    return draft


def application_drafts(account: Account) -> Sequence[Draft]:
    """What the resident has begun and not sent, the last touched first."""
    return [draft for draft in open_drafts(account.id, service=SERVICE) if find_journey(draft) is not None]


def find_journey(draft: Draft) -> Journey | None:
    """What a draft asks for; None for one that is no application."""
    return next((journey for journey in Journey if journey == draft.journey), None)


def asking_of(account: Account, draft: Draft) -> Asking:
    """Where somebody is with a draft, documents and all. Raises NotFound for one that is no application."""
    journey = find_journey(draft)
    if journey is None:
        raise NotFound
    return Asking(journey, draft.answers, clock.today(), purposes_of_draft(account, draft.id))


def permit_id_of(draft: Draft) -> UUID:
    """The permit that a draft renews or changes. Raises NotFound for one of a first permit."""
    said = draft.answers.get(OF, {}).get("permit")
    if not said:
        raise NotFound
    return UUID(said)


def kinds_sold() -> Sequence[str]:
    """The kinds of permit that can be had here at today's prices. Raises Unavailable.

    Visitor parking is sold here by time alone: where the council sells books, there would be nothing to buy for it.
    """
    tariff = tariff_on(clock.today())
    by_time = tariff.visits is not None and bool(tariff.visits.spans)
    return [kind for kind in KINDS if (by_time if kind == "visitor" else kind in tariff.kinds)]


def marks_asked(kind: str) -> Mapping[str, str]:
    """What makes a kind of permit cheaper, beside vehicle and zone: code and words. Raises Unavailable."""
    tariff = tariff_on(clock.today())
    codes = _marks(tariff, kind)
    return {mark: str(tariff.marks[mark]) for mark in codes}


def _marks(tariff: Tariff, kind: str) -> Sequence[str]:
    if kind == "visitor":
        return [each.mark for each in tariff.visits.concessions] if tariff.visits else []
    try:
        return wanted(tariff, kind).marks
    except NotPriced:
        return []
