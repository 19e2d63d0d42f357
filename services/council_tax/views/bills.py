"""The bills of an account: the list, a bill as a page, and the same as a tagged PDF."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.kit import Answer, council, current_account, format_datetime, papers, pdf_answer, render
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Bill
from services.council_tax.queries.bills import ask_bill, ask_bills, by_year
from services.council_tax.rules.naming import BILL_KINDS
from services.council_tax.views.bill_paper import bill_paper
from services.council_tax.views.blueprint import bp


@bp.get("/accounts/<reference>/bills")
def bills(reference: str) -> ResponseReturnValue:
    """All bills, by year, the newest first."""
    answer = ask_bills(current_account(), reference)
    return render(
        "council_tax/bills.html",
        reference=reference,
        answer=answer,
        years=by_year(answer.value or ()),
        kinds=BILL_KINDS,
    )


@bp.get("/accounts/<reference>/bills/<bill_id>")
def bill(reference: str, bill_id: str) -> ResponseReturnValue:
    """A bill, with all that is on the paper one."""
    answer = ask_bill(current_account(), reference, bill_id)
    if answer.value is None:
        return _away(reference)
    return render(
        "council_tax/bill.html", reference=reference, bill=answer.value, answer=answer, paper=_paper(answer.value)
    )


@bp.get("/accounts/<reference>/bills/<bill_id>/pdf")
def bill_pdf(reference: str, bill_id: str) -> ResponseReturnValue:
    """The bill to keep or print."""
    answer = ask_bill(current_account(), reference, bill_id)
    if answer.value is None:
        return _away(reference)
    found = answer.value
    return pdf_answer(
        _paper(found, _as_of(answer)), filename=f"council-tax-bill-{found.reference}-{found.issued_on.isoformat()}"
    )


def _paper(found: Bill, above: str = "") -> papers.Paper:
    ours = council()
    return bill_paper(found, website=ours.website, telephone=ours.telephone, above=above)


def _as_of(answer: Answer[Bill]) -> str:
    if answer.fresh or answer.as_of_at is None:
        return ""
    return _(
        "We cannot reach our council tax system at the moment. This is the bill as it was on %(when)s.",
        when=format_datetime(answer.as_of_at),
    )


def _away(reference: str) -> ResponseReturnValue:
    """The page for a bill that was never looked at while the system is away."""
    return render("council_tax/bill_away.html", back=url_for(".bills", reference=reference)), 503
