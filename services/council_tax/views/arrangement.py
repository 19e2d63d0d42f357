"""Spread what is owed over some months."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from flask.typing import ResponseReturnValue

from portal.kit import clock, current_account, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.claims_of_money import AffordForm, MonthsForm, PayDayForm
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.accounts import glance
from services.council_tax.queries.bills import ask_account
from services.council_tax.rules.claim_journeys import ARRANGEMENT
from services.council_tax.rules.claim_sums import arrangement as payments
from services.council_tax.rules.claim_sums import months_for
from services.council_tax.rules.instalments import spread
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import asked_already, text_of
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, show_start
from services.council_tax.views.claiming import register


@bp.get("/accounts/<reference>/spread")
def arrangement(reference: str) -> ResponseReturnValue:
    """What an arrangement stops and what not, and who helps with debt for nothing."""
    answer = ask_account(current_account(), reference)
    owed = _owed(answer.value)
    return show_start(
        PAGES,
        reference,
        "arrangement",
        answer=answer,
        heading=_("Spread what you owe"),
        owed=owed,
        too_little=not months_for(owed),
    )


def _owed(found: Account | None) -> int | None:
    return glance(found).owed if found else None


def _each(owed: int, months: int) -> str:
    """What the payments would be: the first may differ by some pence."""
    amounts = spread(owed, months)
    if amounts[0] == amounts[-1]:
        return _("%(amount)s a month", amount=money(amounts[-1]))
    return _("%(first)s first, then %(amount)s a month", first=money(amounts[0]), amount=money(amounts[-1]))


def _ready_months(form: AnyForm, _claim: Claim, found: Account | None) -> None:
    owed = _owed(found)
    form.months.choices = [
        (str(many), _("%(many)s months", many=many), _each(owed, many) if owed else "") for many in months_for(owed)
    ]


def _refuse_months(form: AnyForm, claim: Claim, found: Account | None) -> None:
    if sentence := _nothing_owed(found) or asked_already(claim):
        form.refuse(sentence, "months")


def _nothing_owed(found: Account | None) -> str:
    return _("You owe nothing at the moment, so there is nothing to spread") if _owed(found) == 0 else ""


def _against(claim: Claim, found: Account) -> str:
    """What is owed may have become less since the months were chosen."""
    if sentence := _nothing_owed(found):
        return sentence
    if int(claim.said["months"]) in months_for(_owed(found)):
        return ""
    return _("You owe less now, so that the payments would be below £5. Change the number of months")


def _plan(claim: Claim, found: Account | None) -> Sequence[tuple[date, int]]:
    owed = _owed(found)
    if not owed:
        return ()
    plan = payments(owed, int(claim.said["months"]), day=int(claim.said["day"]), today=clock.today())
    return [(due.on, due.pence) for due in plan]


def _outcome(_claim: Claim, found: Account | None) -> Sequence[str]:
    owed = _owed(found)
    if not owed:
        return ()
    return (
        _("If we agree today, you pay %(amount)s like this, and no reminder follows.", amount=money(owed)),
        _("It takes the place of the payments on your bill. A bill that comes later is not part of it."),
    )


PAGES: Final = Pages(
    ARRANGEMENT,
    {
        "months": Question(
            MonthsForm,
            _l("Months"),
            lambda claim: _("%(many)s months", many=claim.said["months"]),
            ready=_ready_months,
            refuse=_refuse_months,
        ),
        "day": Question(PayDayForm, _l("Day of the month"), text_of("day")),
        "afford": Question(AffordForm, _l("What we should know"), text_of("afford")),
    },
    check_title=_l("Check what you offer to pay"),
    button=_l("Ask to spread what I owe"),
    sent_title=_l("You have asked to spread what you owe"),
    what_next=(
        _l("We tell you whether we agree. If it is for more than six months, an officer looks at it first."),
        _l("If we agree, your payments are on your account’s page. Pay them on their days."),
    ),
    outcome=_outcome,
    plan=_plan,
    against=_against,
)
register(PAGES)
