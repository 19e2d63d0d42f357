"""A receipt as a paper to keep."""

from collections.abc import Iterator, Sequence

from portal import clock
from portal.papers import values as papers
from portal.payments.values import Payment, Refund
from portal.web.languages import current_language, format_date, format_datetime
from portal.web.languages import gettext as _
from portal.web.money import money
from portal.web.state import council


def receipt_paper(payment: Payment, refunds: Sequence[Refund]) -> papers.Paper:
    """What was paid, when, for what, and what was given back of it. For a payment that is paid."""
    return papers.Paper(
        title_of(payment),
        tuple(_blocks(payment, [each for each in refunds if each.state == "success"])),
        language="cy" if current_language() == "cy" else "en",
        foot=payment.reference,
    )


def title_of(payment: Payment) -> str:
    """What the receipt is called."""
    return _("Receipt %(reference)s", reference=payment.reference)


def _blocks(payment: Payment, refunds: Sequence[Refund]) -> Iterator[papers.Block]:
    assert payment.ended_at is not None
    yield papers.Facts(
        (
            (_("Paid to"), council().called(current_language())),
            (_("Paid on"), format_datetime(payment.ended_at)),
            (_("Paid by"), _("Card, on this website")),
            (_("Payment reference"), payment.reference),
            (_("Amount"), money(payment.amount)),
        )
    )
    rows = [(line.title or line.description, line.description, money(line.amount)) for line in payment.lines]
    yield papers.Table(
        _("What it was for"),
        (_("Service"), _("What for"), _("Amount")),
        (*rows, (_("Total"), "", money(payment.amount))),
        numeric=(2,),
        total=True,
    )
    if refunds:
        given = [
            (
                format_date((each.ended_at or each.made_at).astimezone(clock.LOCAL).date()),
                payment.name_of(each.line_id),
                each.reason,
                money(each.amount),
            )
            for each in refunds
        ]
        total = (_("Total"), "", "", money(sum(each.amount for each in refunds)))
        yield papers.Table(
            _("What was given back"),
            (_("Day"), _("What for"), _("Why"), _("Amount")),
            (*given, total),
            numeric=(3,),
            total=True,
        )
    yield papers.Text(_("Keep this. Give the payment reference if you ask us about this payment."))
