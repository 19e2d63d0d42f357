"""What the pages of one claim say, and where they are. `claiming` makes views of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from portal.kit import Form, Lazy, current_account, render
from services.council_tax.backoffice.values import Account
from services.council_tax.operations.claiming import Claim, find_begun
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.rules.claim_journeys import Journey

AnyForm = Any  # the form of a question, whose fields only its own page knows


def _nothing(_form: AnyForm, _claim: Claim, _found: Account | None) -> None:
    """Nothing to fill in, or to refuse."""


def _fields(form: AnyForm, _claim: Claim, _found: Account | None) -> Mapping[str, Any]:  # plain JSON
    return {field.name: field.data.isoformat() if isinstance(field.data, date) else field.data for field in form}


@dataclass(frozen=True, slots=True)
class Question:
    """One page. `label` and `shown` are its line on the check page; `found` is the account as last known, or None.

    `ready` fills in what depends on the account, `refuse` says beside the field what cannot be, `keep` gives the
    answers to keep, `notes` are sentences below the question.
    """

    form: type[Form]
    label: Lazy
    shown: Callable[[Claim], object]
    ready: Callable[[AnyForm, Claim, Account | None], None] = _nothing
    refuse: Callable[[AnyForm, Claim, Account | None], None] = _nothing
    keep: Callable[[AnyForm, Claim, Account | None], Mapping[str, Any]] = _fields  # plain JSON
    notes: Callable[[Claim, Account | None], Sequence[str]] = lambda _claim, _found: ()


@dataclass(frozen=True, slots=True)
class Pages:
    """What one claim's pages say. `outcome` are sentences on the check page, `plan` its payments (day and pence).

    `against` is the last look before it is sent, with the account as it is now: a sentence, or nothing.
    """

    journey: Journey
    questions: Mapping[str, Question]
    check_title: Lazy
    button: Lazy
    sent_title: Lazy
    what_next: Sequence[Lazy]
    outcome: Callable[[Claim, Account | None], Sequence[str]] = lambda _claim, _found: ()
    plan: Callable[[Claim, Account | None], Sequence[tuple[date, int]]] = lambda _claim, _found: ()
    against: Callable[[Claim, Account], str] = lambda _claim, _found: ""
    proof: Callable[[Claim], str] | None = None
    """What the evidence is; None for a claim that needs none."""


def show_start(pages: Pages, reference: str, template: str, **values: Any) -> str:  # the template's
    """The page on which a claim starts: what it is, what was begun, what waits."""
    resident = current_account()
    begun = find_begun(resident, pages.journey, reference)
    waiting = [one for one in waiting_changes(resident, reference) if one.kind == pages.journey.kind]
    return render(
        f"council_tax/{template}.html",
        reference=reference,
        begun=begun and page_of(pages.journey, begun.missing, begun),
        waiting=waiting,
        **values,
    )


def endpoint_of(journey: Journey, step: str) -> str:
    """The name of a page."""
    return f"{journey.name}_{step.replace('-', '_')}"


def page_of(journey: Journey, step: str, claim: Claim) -> str:
    """The address of a question."""
    return url_for(f".{endpoint_of(journey, step)}", reference=claim.reference, draft_id=claim.draft.id)


def start_of(journey: Journey, reference: str) -> str:
    """The address of the page on which it starts."""
    return f"/services/council_tax/accounts/{reference}/{journey.path}"
