"""The answers of an application as its check page shows them, each with the way to change it."""

from collections.abc import Iterator
from datetime import date

from portal.kit import Account, Draft, format_date
from portal.kit import gettext as _
from services.permits.forms.applications import KEEPER_CHOICES
from services.permits.queries.applications import find_journey, marks_asked
from services.permits.queries.proofs import proofs_of_draft
from services.permits.queries.zones import get_zone
from services.permits.rules.application_answers import length_of, vehicle_of
from services.permits.rules.application_steps import PROVES, Journey, Step, find_home, path
from services.permits.rules.proofs import TITLES as PROOF_TITLES
from services.permits.rules.registrations import shown
from services.permits.views.application_pages import Applying, page_of
from services.permits.views.price_words import kind_called

Row = tuple[str, str, str, str]
"""What was asked, what was answered (lines), what the link to change it is about, where that leads."""


def answer_rows(applying: Applying, account: Account) -> list[Row]:
    """All answers, in the order in which they were asked."""
    found: list[Row] = []
    for step in path(applying.asking):
        href = "" if step is Step.CHECK else page_of(step, applying.draft.id)
        found += [(label, said, about, href) for label, said, about in _said(step, applying, account)]
    return found


def _said(step: Step, applying: Applying, account: Account) -> Iterator[tuple[str, str, str]]:
    answers = applying.answers
    match step:
        case Step.KIND:
            yield _("Permit"), kind_called(answers[step]["kind"]), _("the kind of permit")
        case Step.BUSINESS:
            yield _("Business"), f"{answers[step]['name']}\n{answers[step]['address']}", _("the business")
        case Step.HOME if home := find_home(answers):
            yield _("Address"), home["label"], _("the address")
        case Step.TYPED:
            said = f"{answers[step]['address']}\n{answers[step]['postcode']}"
            yield _("Address"), said, _("the address")
            yield _("Parking zone"), get_zone(answers[step]["zone"]).title, _("the parking zone")
        case Step.REGISTRATION:
            yield _("Vehicle"), "\n".join(_vehicle(applying)), _("the vehicle")
        case Step.KEEPER:
            yield _("Whose vehicle it is"), _keeper(answers[step]["keeper"]), _("whose vehicle it is")
        case Step.MARKS:
            words = marks_asked(applying.asking.kind)
            said = "\n".join(words[mark] for mark in answers[step]["marks"] if mark in words)
            yield _("Reductions"), said or _("No reduction"), _("the reductions")
        case Step.START:
            yield _("First day"), format_date(date.fromisoformat(answers[step]["day"])), _("the first day")
        case Step.LENGTH if length := length_of(answers):
            yield _("For"), str(length.said), _("the length")
        case _ if step in PROVES:
            sent = [each.words for each in proofs_of_draft(account, applying.draft.id) if each.purpose == PROVES[step]]
            yield str(PROOF_TITLES[PROVES[step]]), "\n".join(sent), _("these documents")


def _vehicle(applying: Applying) -> Iterator[str]:
    vehicle = vehicle_of(applying.answers)
    yield shown(vehicle.registration)
    about = ", ".join(word for word in (vehicle.make.title(), vehicle.colour.lower()) if word)
    if about:
        yield about


def _keeper(code: str) -> str:
    return next((str(words) for each, words, *_more in KEEPER_CHOICES if each == code), "")


def draft_called(draft: Draft) -> str:
    """What somebody has begun, in the list of what they have not sent."""
    match find_journey(draft):
        case Journey.RENEWAL:
            return _("Renewal of a permit")
        case Journey.VEHICLE:
            return _("Change of vehicle")
        case Journey.ADDRESS:
            return _("Change of address")
        case _:
            kind = draft.answers.get(Step.KIND, {}).get("kind")
            return kind_called(kind) if kind else _("Application for a permit")
