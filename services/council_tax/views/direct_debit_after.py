"""After the questions about a Direct Debit: the confirmation with its notice, the paper way, and cancelling."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Assurance,
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
from services.council_tax.operations.direct_debit import end_debit
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.debits import AskedDebit, get_asked_debit, plan_of
from services.council_tax.rules.debit_plan import NOTICE
from services.council_tax.views.blueprint import bp
from services.council_tax.views.direct_debit import PATH, RECENTLY
from services.council_tax.views.guarantee import collector, guarantee

ACTIVE = ("being_set_up", "active")


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
        except TooMany as error:
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
    plan = plan_of(account, asked.asked_on, asked.day) if account else ()
    blocks: list[papers.Block] = [
        papers.Facts(
            (
                (_("Council tax account"), asked.reference),
                (_("Name on the bank account"), asked.payer_name),
                (_("Bank account"), _("The one that ends in %(digits)s", digits=asked.account_ending)),
                (_("On your bank statement"), collector()),
                (_("Asked on"), format_date(asked.asked_on)),
            )
        )
    ]
    if plan:
        first = plan[0]
        blocks.append(
            papers.Text(
                _(
                    "The first payment is %(amount)s on %(day)s. That is at least %(notice)s working days after you"
                    " asked.",
                    amount=money(first.pence),
                    day=format_date(first.paid_on, "EEEE d MMMM y"),
                    notice=NOTICE,
                )
            )
        )
        rows = [(format_date(one.paid_on, "EEEE d MMMM y"), money(one.pence)) for one in plan]
        blocks.append(papers.Table(_("What we will collect"), (_("Day"), _("Amount")), rows, numeric=(1,)))
    else:
        blocks.append(
            papers.Text(_("There is nothing to collect at the moment. We tell you before the first payment."))
        )
    blocks.append(guarantee())
    return papers.Paper(
        _("Advance notice of your Direct Debit"),
        tuple(blocks),
        language="cy" if current_language() == "cy" else "en",
        foot=_("Council tax account %(reference)s", reference=asked.reference),
    )
