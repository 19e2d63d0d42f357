"""After the questions about a Direct Debit: the confirmation with its notice, the paper way, and cancelling."""

from collections.abc import Iterator

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Assurance,
    Conflict,
    Form,
    NotFound,
    TooMany,
    commits,
    current_account,
    current_language,
    demands,
    format_date,
    money,
    papers,
    pdf_answer,
    render,
    sensitive,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account
from services.council_tax.operations.direct_debit import end_debit
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.debits import AskedDebit, all_due_pence, get_asked_debit, plan_of
from services.council_tax.rules.debit_plan import NOTICE
from services.council_tax.views.blueprint import bp
from services.council_tax.views.direct_debit import PATH, RECENTLY
from services.council_tax.views.guarantee import collector, guarantee, service_user_number

ACTIVE = ("being_set_up", "active")
WITH_WEEKDAY = "EEEE d MMMM y"


@bp.get(f"{PATH}/paper")
def direct_debit_paper(reference: str) -> ResponseReturnValue:
    """For those who cannot instruct the bank by themselves: the scheme wants everybody's signature."""
    get_own(current_account(), reference)
    return render("council_tax/debit_paper.html", reference=reference)


@bp.route(f"{PATH}/cancel", methods=["GET", "POST"])
@demands(Assurance.LOW, fresh=RECENTLY)
@sensitive
@commits
def cancel_direct_debit(reference: str) -> ResponseReturnValue:
    """Ask once more, then end it."""
    answer = ask_account(current_account(), reference)
    debit = answer.value.direct_debit if answer.value else None
    if answer.value is None or debit is None or debit.state not in ACTIVE:
        return redirect(url_for(".direct_debit", reference=reference))
    form = Form()
    if form.accepted():
        try:
            case = end_debit(current_account(), reference=reference, debit_id=debit.id)
            return redirect(url_for(".direct_debit_sent", reference=reference, case_reference=case.reference))
        except (Conflict, TooMany) as error:
            form.refuse(error.sentence)
    return render("council_tax/debit_cancel.html", reference=reference, debit=debit, form=form)


@bp.get(f"{PATH}/sent/<case_reference>")
def direct_debit_sent(reference: str, case_reference: str) -> ResponseReturnValue:
    """The confirmation, which can be bookmarked and printed."""
    asked = get_asked_debit(current_account(), reference, case_reference)
    if asked.ends:
        return render("council_tax/debit_ended.html", reference=reference, asked=asked)
    return render("council_tax/debit_sent.html", reference=reference, asked=asked, paper=notice_of(asked))


@bp.get(f"{PATH}/sent/<case_reference>/pdf")
def direct_debit_notice(reference: str, case_reference: str) -> ResponseReturnValue:
    """The same to keep."""
    asked = get_asked_debit(current_account(), reference, case_reference)
    if asked.ends:
        raise NotFound
    return pdf_answer(notice_of(asked), filename=f"direct-debit-{reference}")


def notice_of(asked: AskedDebit) -> papers.Paper:
    """The advance notice: what is collected, when, from where, and the Guarantee."""
    account = ask_account(current_account(), asked.reference).value
    return papers.Paper(
        _("Advance notice of your Direct Debit"),
        (_whose(asked), *_what_is_collected(account, asked), guarantee()),
        language="cy" if current_language() == "cy" else "en",
        foot=_("Council tax account %(reference)s", reference=asked.reference),
    )


def _whose(asked: AskedDebit) -> papers.Facts:
    return papers.Facts(
        (
            (_("Council tax account"), asked.reference),
            (_("Name on the bank account"), asked.payer_name),
            (_("Bank account"), _("The one that ends in %(digits)s", digits=asked.account_ending)),
            (_("On your bank statement"), collector()),
            *([(_("Service user number"), number)] if (number := service_user_number()) else []),
            (_("Asked on"), format_date(asked.asked_on)),
        )
    )


def _what_is_collected(account: Account | None, asked: AskedDebit) -> Iterator[papers.Block]:
    if account is None:
        yield papers.Text(
            _(
                "We cannot reach our council tax system at the moment, so the payments are not shown here. We tell you"
                " their days and amounts at least %(notice)s working days before the first.",
                notice=NOTICE,
            )
        )
        return
    if owed := all_due_pence(account):
        yield papers.Text(_("%(amount)s is due now. This Direct Debit does not collect it.", amount=money(owed)))
        return
    plan = plan_of(account, asked.asked_on, asked.day)
    if not plan:
        yield papers.Text(_("There is nothing to collect at the moment. We tell you before the first payment."))
        return
    yield papers.Text(
        _(
            "The first payment is %(amount)s on %(day)s. That is at least %(notice)s working days after you asked.",
            amount=money(plan[0].pence),
            day=format_date(plan[0].paid_on, WITH_WEEKDAY),
            notice=NOTICE,
        )
    )
    rows = [(format_date(one.paid_on, WITH_WEEKDAY), money(one.pence)) for one in plan]
    yield papers.Table(_("What we will collect"), (_("Day"), _("Amount")), rows, numeric=(1,))
