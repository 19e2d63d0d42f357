"""How the answers of claims are shown on the check page, and questions that several claims share."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from portal.kit import Lazy, clock, format_date, lazy_gettext
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.claim_dates import wrong_since
from services.council_tax.forms.claims import SinceForm
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.claims import find_held, find_same_claim
from services.council_tax.views.claim_pages import AnyForm, Question

FROM: Final = lazy_gettext("From")


def text_of(name: str) -> Callable[[Claim], object]:
    """The answer as it was typed."""
    return lambda claim: claim.said.get(name) or ""


def day_of(name: str) -> Callable[[Claim], object]:
    """A day, or nothing."""
    return lambda claim: format_date(date.fromisoformat(claim.said[name])) if claim.said.get(name) else ""


def choice_of(name: str, titles: Mapping[str, Lazy] | Iterable[tuple[Any, ...]]) -> Callable[[Claim], object]:
    """The title of what was chosen; `titles` are those of the field's choices."""
    named = titles if isinstance(titles, Mapping) else {each[0]: each[1] for each in titles}
    return lambda claim: named.get(claim.said.get(name, ""), claim.said.get(name, ""))


def said_day(claim: Claim, name: str) -> date | None:
    """A day that was answered."""
    return date.fromisoformat(claim.said[name]) if claim.said.get(name) else None


def refuse_since(form: AnyForm, _claim: Claim, found: Account | None) -> None:
    """A day before the account, or in a wrong year."""
    opened_on, closed_on = (found.opened_on, found.closed_on) if found else (None, None)
    if sentence := wrong_since(form.since_on.data, opened_on, closed_on):
        form.refuse(sentence, "since_on")


def since_question() -> Question:
    """From which day."""
    return Question(SinceForm, FROM, day_of("since_on"), refuse=refuse_since)


def has_already(found: Account | None, code: str, kind: str = "") -> str:
    """What is said to who asks for what the account has; "" where it has not. With a kind, any code of it."""
    today = clock.today()
    if found is None:
        return ""
    held = next(
        (one for one in found.adjustments if one.kind == kind and (one.until_on is None or one.until_on >= today)), None
    ) or find_held(found, code, today)
    if held is None:
        return ""
    return _("Your account has this already, from %(day)s", day=format_date(held.since_on))


def asked_already(claim: Claim, code: str = "", who: str = "") -> str:
    """What is said to who asks for the same again while it is not decided; "" where nobody did."""
    same = find_same_claim(claim.resident, claim.reference, claim.journey.kind, code, who)
    return (
        _("You have asked for this already. Your reference is %(reference)s", reference=same.reference) if same else ""
    )
