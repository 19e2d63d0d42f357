"""Exemptions: homes for which no council tax is paid."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from flask.typing import ResponseReturnValue

from portal.kit import clock, current_account, format_date, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.claim_dates import BEGAN_1993, wrong_past, wrong_until
from services.council_tax.forms.claims import ExemptionForm, GrantedForm, LivedForm, UntilForm
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.claims import band_pence
from services.council_tax.rules.claim_journeys import EXEMPTION
from services.council_tax.rules.claim_words import claimed_called
from services.council_tax.rules.exemptions import BY_CODE, EXEMPTIONS, last_exempt_day
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import (
    asked_already,
    choice_of,
    day_of,
    has_already,
    said_day,
    since_question,
)
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, show_start
from services.council_tax.views.claiming import register


@bp.get("/accounts/<reference>/exemption")
def exemption(reference: str) -> ResponseReturnValue:
    """What it is, and what the home has now."""
    answer = ask_account(current_account(), reference)
    today = clock.today()
    held = next(
        (
            (claimed_called("exemption", one.code) or one.code, one.since_on)
            for one in (answer.value.adjustments if answer.value else ())
            if one.kind == "exemption" and (one.until_on is None or one.until_on >= today)
        ),
        None,
    )
    return show_start(PAGES, reference, "exemption", answer=answer, heading=_("Ask for an exemption"), held=held)


def _ready_reason(form: AnyForm, claim: Claim, _found: Account | None) -> None:
    lived_in = claim.said["lived"] == "yes"
    form.reason.choices = [(one.code, one.title) for one in EXEMPTIONS if one.lived_in is lived_in]


def _refuse_reason(form: AnyForm, claim: Claim, found: Account | None) -> None:
    if sentence := has_already(found, form.reason.data, "exemption") or asked_already(claim, form.reason.data):
        form.refuse(sentence, "reason")


def _refuse_granted(form: AnyForm, _claim: Claim, _found: Account | None) -> None:
    day = form.granted_on.data
    if day and (sentence := wrong_past(day, BEGAN_1993, _l("Check the year"))):
        form.refuse(sentence, "granted_on")


def _limit(claim: Claim) -> date | None:
    """The last day that the law allows, as far as the answers say."""
    code = claim.said.get("reason", "")
    if code not in BY_CODE:
        return None
    return last_exempt_day(code, empty_since=said_day(claim, "since_on"), granted_on=said_day(claim, "granted_on"))


def _refuse_until(form: AnyForm, claim: Claim, _found: Account | None) -> None:
    limit, since_on = _limit(claim), said_day(claim, "since_on")
    if limit and since_on and limit < since_on:
        form.refuse(
            _("This exemption ended on %(day)s, before the day that you gave", day=format_date(limit)), "until_on"
        )
    elif form.until_on.data and since_on and (sentence := wrong_until(form.until_on.data, since_on, limit)):
        form.refuse(sentence, "until_on")


def _keep_until(form: AnyForm, claim: Claim, _found: Account | None) -> dict[str, str | None]:
    last = form.until_on.data or _limit(claim)
    return {"until_on": last.isoformat() if last else None}


def _notes_until(claim: Claim, _found: Account | None) -> Sequence[str]:
    limit = _limit(claim)
    if limit is None:
        return ()
    return (_("By law it ends on %(day)s at the latest. Leave the day empty for that.", day=format_date(limit)),)


def _what_it_saves(_claim: Claim, found: Account | None) -> Sequence[str]:
    if found is None:
        return ()
    return (
        _(
            "If we agree, no council tax is paid for those days. A whole year of this home costs %(amount)s.",
            amount=money(band_pence(found)),
        ),
    )


PAGES: Final = Pages(
    EXEMPTION,
    {
        "lived": Question(
            LivedForm,
            _l("Somebody lives there"),
            choice_of("lived", {"yes": _l("Yes"), "no": _l("No, it is empty")}),
        ),
        "reason": Question(
            ExemptionForm,
            _l("Why no council tax should be paid"),
            lambda claim: claimed_called("exemption", claim.said["reason"]),
            ready=_ready_reason,
            refuse=_refuse_reason,
        ),
        "since": since_question(),
        "granted": Question(GrantedForm, _l("Probate granted on"), day_of("granted_on"), refuse=_refuse_granted),
        "until": Question(
            UntilForm,
            _l("Until"),
            day_of("until_on"),
            refuse=_refuse_until,
            keep=_keep_until,
            notes=_notes_until,
        ),
    },
    check_title=_l("Check what you ask for"),
    button=_l("Ask for the exemption"),
    sent_title=_l("You have asked for an exemption"),
    what_next=(
        _l("An officer looks at what you sent and may ask you for more. We tell you what they decide."),
        _l("If they agree, you get a new bill. What you paid too much is a credit that you can have back."),
    ),
    outcome=_what_it_saves,
    against=lambda claim, found: has_already(found, claim.said["reason"], "exemption"),
    proof=lambda claim: str(BY_CODE[claim.said["reason"]].proof),
)
register(PAGES)
