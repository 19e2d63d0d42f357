"""Discounts: what applies now, ask for one, and tell that one no longer applies."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import current_account, format_date, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account, Adjustment
from services.council_tax.forms.claim_dates import wrong_ended, wrong_until
from services.council_tax.forms.claims import (
    AdultsForm,
    DisregardForm,
    LastDayForm,
    UntilForm,
    WhatForm,
    WhichEndedForm,
    WhoForm,
    WhyForm,
)
from services.council_tax.operations.claiming import Claim, find_begun
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.claims import band_pence, holding
from services.council_tax.rules.claim_journeys import DISCOUNT, ENDED, NOT_COUNTED, discount_code
from services.council_tax.rules.claim_sums import cost_of_ending, household_saving, whole_year
from services.council_tax.rules.claim_words import claimed_called
from services.council_tax.rules.discounts import BY_CODE as DISCOUNTS
from services.council_tax.rules.disregards import BY_CODE as DISREGARDS
from services.council_tax.rules.naming import kind_of
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import (
    asked_already,
    day_of,
    has_already,
    said_day,
    since_question,
    text_of,
)
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, page_of, show_start
from services.council_tax.views.claiming import register

PROOFS: Final[Mapping[str, Any]] = {  # sentences in the reader's language
    "annexe": _l("Who uses the annexe, and the planning permission if there is one"),
    "care_leaver": _l("A letter from the council that looked after you"),
    "empty": _l("The end of the tenancy, or photos of the empty rooms"),
    "hardship": _l("What you get and what you pay: statements of the last two months"),
}


@bp.get("/accounts/<reference>/discounts")
def discounts(reference: str) -> ResponseReturnValue:
    """What lowers the bill now, with its dates, and the ways to change that."""
    resident = current_account()
    answer = ask_account(resident, reference)
    ended = find_begun(resident, ENDED, reference)
    return show_start(
        DISCOUNT_PAGES,
        reference,
        "discounts",
        answer=answer,
        heading=_("Discounts"),
        held=[(called(one), one) for one in holding(answer.value)] if answer.value else [],
        begin_ended=url_for(".discount_ended_begin", reference=reference),
        begun_ended=ended and page_of(ENDED, ended.missing, ended),
    )


@bp.get("/accounts/<reference>/discounts/ended")
def discount_ended(reference: str) -> ResponseReturnValue:
    """Where a new sign-in leads back to: what can end stands on the page of discounts."""
    get_own(current_account(), reference)
    return redirect(url_for(".discounts", reference=reference))


def called(one: Adjustment) -> str:
    """What lowers the bill, in words."""
    return claimed_called("discount_end", one.code) or kind_of(one.kind)


def _refuse_what(form: AnyForm, claim: Claim, found: Account | None) -> None:
    code = form.what.data
    if code in (NOT_COUNTED, "hardship"):
        return
    people = [one for one in found.people if one.until_on is None and one.role in ("liable", "joint")] if found else []
    if code == "single_person" and len(people) > 1:
        form.refuse(
            _("More than one adult is on this account. Tell us first that somebody has moved out"),
            "what",
        )
    elif sentence := has_already(found, code) or asked_already(claim, code):
        form.refuse(sentence, "what")


def _refuse_reason(form: AnyForm, _claim: Claim, found: Account | None) -> None:
    if sentence := has_already(found, form.reason.data):
        form.refuse(sentence, "reason")


def _refuse_who(form: AnyForm, claim: Claim, _found: Account | None) -> None:
    if sentence := asked_already(claim, discount_code(claim.said), form.who.data):
        form.refuse(sentence, "who")


def _refuse_until(form: AnyForm, claim: Claim, _found: Account | None) -> None:
    since_on = said_day(claim, "since_on")
    if form.until_on.data and since_on and (sentence := wrong_until(form.until_on.data, since_on, None)):
        form.refuse(sentence, "until_on")


def _proof(claim: Claim) -> str:
    code = discount_code(claim.said)
    return str(DISREGARDS[code].proof if code in DISREGARDS else PROOFS.get(code, ""))


def _what_it_saves(claim: Claim, found: Account | None) -> Sequence[str]:
    """What it would come to in a year, if we agree."""
    if found is None:
        return ()
    code = discount_code(claim.said)
    band = band_pence(found)
    if code in DISREGARDS:
        saved = household_saving(int(claim.said["adults"]), band)
        if not saved:
            return (
                _(
                    "With so many people of 18 or over in the home, this alone does not change the bill: two or more"
                    " are still counted. Send it if others are not counted either."
                ),
            )
    else:
        saved = whole_year(DISCOUNTS[code].rate, band)
    if not saved:
        return (_("How much it lowers the bill is decided for each person."),)
    return (_("If we agree, a whole year costs about %(amount)s less, before other reductions.", amount=money(saved)),)


def _against(claim: Claim, found: Account) -> str:
    return has_already(found, discount_code(claim.said))


def _what_shown(claim: Claim) -> object:
    return str({**{code: one.title for code, one in DISCOUNTS.items()}, NOT_COUNTED: _NOT_COUNTED}[claim.said["what"]])


_NOT_COUNTED: Final = _l("Somebody who lives here is not counted")
DISCOUNT_PAGES: Final = Pages(
    DISCOUNT,
    {
        "what": Question(WhatForm, _l("Discount"), _what_shown, refuse=_refuse_what),
        "reason": Question(
            DisregardForm,
            _l("Why"),
            lambda claim: DISREGARDS[claim.said["reason"]].title,
            refuse=_refuse_reason,
        ),
        "who": Question(WhoForm, _l("Person"), text_of("who"), refuse=_refuse_who),
        "adults": Question(AdultsForm, _l("People of 18 or over"), text_of("adults")),
        "why": Question(WhyForm, _l("Why you cannot pay"), text_of("why")),
        "since": since_question(),
        "until": Question(UntilForm, _l("Until"), day_of("until_on"), refuse=_refuse_until),
    },
    check_title=_l("Check what you ask for"),
    button=_l("Ask for the discount"),
    sent_title=_l("You have asked for a discount"),
    what_next=(
        _l("An officer looks at what you sent and may ask you for more. We tell you what they decide."),
        _l("If they agree, you get a new bill with smaller payments. What you paid too much lowers the next ones."),
    ),
    outcome=_what_it_saves,
    against=_against,
    proof=_proof,
)


def _ready_which(form: AnyForm, _claim: Claim, found: Account | None) -> None:
    form.which.choices = [
        (one.id, called(one), _("From %(day)s", day=format_date(one.since_on)))
        for one in (holding(found) if found else ())
    ]


def _which(claim: Claim, found: Account | None) -> Adjustment | None:
    held = found.adjustments if found else ()
    return next((one for one in held if one.id == claim.said.get("which")), None)


def _keep_which(form: AnyForm, _claim: Claim, found: Account | None) -> Mapping[str, Any]:  # plain JSON
    chosen = next(one for one in (found.adjustments if found else ()) if one.id == form.which.data)
    return {"which": chosen.id, "code": chosen.code}


def _refuse_which(form: AnyForm, claim: Claim, found: Account | None) -> None:
    kept = _keep_which(form, claim, found)
    if sentence := asked_already(claim, kept["code"]):
        form.refuse(sentence, "which")


def _refuse_last_day(form: AnyForm, claim: Claim, found: Account | None) -> None:
    one = _which(claim, found)
    if one and (sentence := wrong_ended(form.ended_on.data, one.since_on)):
        form.refuse(sentence, "ended_on")


def _what_it_costs(claim: Claim, found: Account | None) -> Sequence[str]:
    """What the year costs more, said before anything is sent."""
    one, last = _which(claim, found), said_day(claim, "ended_on")
    if one is None or found is None or last is None:
        return ()
    more = cost_of_ending(-one.pence, days=one.days, ended_on=last, until_on=one.until_on, year=found.year)
    sentences = [
        _("Your bill for this year goes up by about %(amount)s.", amount=money(more))
        if more > 0
        else _("Your bill for this year stays as it is.")
    ]
    if last.year < found.year or (last.year == found.year and last.month < 4):
        sentences.append(_("The bills of earlier years go up as well, from that day on."))
    return [*sentences, _("You get a new bill that spreads it over the payments that are left.")]


def _ended_against(claim: Claim, found: Account) -> str:
    return "" if _which(claim, found) in holding(found) else _("Your account does not have this any more.")


ENDED_PAGES: Final = Pages(
    ENDED,
    {
        "which": Question(
            WhichEndedForm,
            _l("What no longer applies"),
            lambda claim: claimed_called("discount_end", claim.said["code"]),
            ready=_ready_which,
            refuse=_refuse_which,
            keep=_keep_which,
        ),
        "last-day": Question(LastDayForm, _l("Last day"), day_of("ended_on"), refuse=_refuse_last_day),
    },
    check_title=_l("Check what no longer applies"),
    button=_l("Tell the council"),
    sent_title=_l("You have told us what no longer applies"),
    what_next=(_l("You get a new bill. If you pay by Direct Debit, we tell you before we collect a new amount."),),
    outcome=_what_it_costs,
    against=_ended_against,
)
register(DISCOUNT_PAGES)
register(ENDED_PAGES)
