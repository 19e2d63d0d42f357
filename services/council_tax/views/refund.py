"""Money back that was paid too much."""

from typing import Final

from flask.typing import ResponseReturnValue

from portal.kit import current_account, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.bank_details import NOT_A_PAIR
from services.council_tax.forms.claims_of_money import AmountForm, PayeeForm, PayeeNumberForm, PayeeSortCodeForm
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.accounts import glance
from services.council_tax.queries.bank_tables import bank_tables
from services.council_tax.queries.bills import ask_account
from services.council_tax.rules.bank_details import ending
from services.council_tax.rules.claim_journeys import REFUND
from services.council_tax.rules.modulus import fits
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import asked_already, text_of
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, show_start
from services.council_tax.views.claiming import register


@bp.get("/accounts/<reference>/refund")
def refund(reference: str) -> ResponseReturnValue:
    """What is owed to the resident, and the way to have it."""
    answer = ask_account(current_account(), reference)
    credit = glance(answer.value).credit if answer.value else 0
    return show_start(
        PAGES, reference, "refund", answer=answer, heading=_("Get money back that you paid too much"), credit=credit
    )


def _too_much(pence: int, found: Account | None) -> str:
    """Why this cannot be paid back, or nothing."""
    if pence <= 0:
        return _("The amount must be more than £0")
    credit = glance(found).credit if found else None
    if credit == 0:
        return _("There is no credit on this account, so there is nothing to pay back")
    if credit is not None and pence > credit:
        return _("The amount must be %(credit)s or less, which is your credit", credit=money(credit))
    return ""


def _ready_amount(form: AnyForm, claim: Claim, found: Account | None) -> None:
    credit = glance(found).credit if found else 0
    if credit:
        form.pence.hint = _("Up to %(credit)s. What you leave lowers your next bill.", credit=money(credit))
        if not form.posted and "pence" not in claim.said:
            form.pence.process_data(credit)


def _refuse_amount(form: AnyForm, claim: Claim, found: Account | None) -> None:
    if sentence := _too_much(form.pence.data, found) or asked_already(claim):
        form.refuse(sentence, "pence")


def _refuse_number(form: AnyForm, claim: Claim, _found: Account | None) -> None:
    if not fits(claim.said["sort_code"], form.account_number.data, bank_tables()):
        form.refuse(NOT_A_PAIR, "account_number")


PAGES: Final = Pages(
    REFUND,
    {
        "amount": Question(
            AmountForm,
            _l("Amount"),
            lambda claim: money(claim.said["pence"]),
            ready=_ready_amount,
            refuse=_refuse_amount,
        ),
        "payee": Question(PayeeForm, _l("Name on the bank account"), text_of("payee_name")),
        "sort-code": Question(
            PayeeSortCodeForm,
            _l("Sort code"),
            lambda claim: _("Ends in %(digits)s", digits=ending(claim.said["sort_code"])),
        ),
        "account-number": Question(
            PayeeNumberForm,
            _l("Account number"),
            lambda claim: _("Ends in %(digits)s", digits=ending(claim.said["account_number"])),
            refuse=_refuse_number,
        ),
    },
    check_title=_l("Check what you want back"),
    button=_l("Ask for the money back"),
    sent_title=_l("You have asked for your money back"),
    what_next=(
        _l("We pay it to the bank account that you gave. If an officer has to look at it first, we tell you."),
        _l("If you owe us council tax for another home, we may set it against that, and tell you."),
    ),
    against=lambda claim, found: _too_much(claim.said["pence"], found),
)
register(PAGES)
