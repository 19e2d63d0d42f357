"""A bill as a paper: the one text from which both its page and its PDF are made.

What must be on it: the Council Tax (Demand Notices) (England) Regulations 2011 (SI 2011/3038), Schedule 1. The numbers
of its paragraphs stand beside each part.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from portal.kit import current_language, format_date, money, papers
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Adjustment, Bill, Part, Period
from services.council_tax.rules.naming import BILL_KINDS, METHODS, adjustment_called, kind_of, reason_of, year_called
from services.council_tax.views.bill_notes import notes

TENTH: Final = Decimal("0.1")


def bill_paper(bill: Bill, *, website: str, telephone: str, above: str = "") -> papers.Paper:
    """The bill. `above` is a sentence to stand on top of it, such as that it may have changed since."""
    blocks: list[papers.Block] = []
    if above:
        blocks.append(papers.Text(above, strong=True))
    blocks += _about(bill)
    blocks += _authorities(bill)
    blocks += _working_out(bill)
    blocks += _paying(bill)
    blocks += _why(bill)
    blocks += notes(bill.year, adult_social_care=bill.adult_social_care, website=website, telephone=telephone)
    return papers.Paper(
        title_of(bill),
        tuple(blocks),
        language="cy" if current_language() == "cy" else "en",
        foot=_("Council tax account %(reference)s", reference=bill.reference),
    )


def title_of(bill: Bill) -> str:
    """What the bill is called: “Council tax bill for 2026 to 2027”."""
    return _("Council tax bill for %(years)s", years=year_called(bill.year))


def _about(bill: Bill) -> Iterator[papers.Block]:
    """Paragraphs 2 to 6: whose it is, of which day, for which days, home and band."""
    yield papers.Lines((*bill.names, *bill.send_to))
    yield papers.Facts(
        (
            (_("Account number"), bill.reference),
            (_("Kind of bill"), str(BILL_KINDS[bill.kind])),
            (_("Date of this bill"), format_date(bill.issued_on)),
            (_("Bill for"), _span(bill.since_on, bill.until_on)),
            (_("Home"), ", ".join((*bill.property.lines, bill.property.postcode))),
            (_("Valuation band"), bill.property.band),
            (_("To pay"), money(bill.to_pay) if bill.to_pay >= 0 else _credit(bill)),
        )
    )


def _authorities(bill: Bill) -> Iterator[papers.Block]:
    """Paragraphs 7 to 17: what each authority set for the band, and by how much it changed."""
    yield papers.Heading(_("What each authority takes"))
    rows = [(_title(part), money(part.pence), percent(part.change_percent)) for part in bill.parts]
    whole = sum(part.pence for part in bill.parts)
    yield papers.Table(
        _("Band %(band)s, for the whole year", band=bill.property.band),
        (_("Authority"), _("Amount"), _("Change from last year")),
        (*rows, (_("In all"), money(whole), "")),
        numeric=(1, 2),
        total=True,
    )


def _working_out(bill: Bill) -> Iterator[papers.Block]:
    """Paragraphs 18 to 26: the days that were charged alike, what was added or taken off, and what is left to pay."""
    yield papers.Heading(_("How we worked out your bill"))
    rows: list[Sequence[str]] = [row for period in bill.periods for row in _period(period)]
    rows.append((_("Charge"), "", money(bill.charge)))
    if bill.brought_forward:
        rows.append((_("Brought forward from earlier years"), "", money(bill.brought_forward)))
    if bill.paid:
        rows.append((_("Paid before this bill"), "", money(-bill.paid)))
    rows.append((_("To pay"), "", money(bill.to_pay)))
    yield papers.Table(
        _("From the charge to what you pay"), (_("What"), _("Days"), _("Amount")), rows, numeric=(1, 2), total=True
    )


def _period(period: Period) -> Iterator[Sequence[str]]:
    before = period.pence - sum(one.pence for one in period.adjustments)
    span = _("%(span)s, band %(band)s", span=_span(period.since_on, period.until_on), band=period.band)
    yield span, str(period.days), money(before)
    for one in period.adjustments:
        yield adjustment_called(one.kind, one.code), str(one.days), money(one.pence)


def _paying(bill: Bill) -> Iterator[papers.Block]:
    """What is still to be paid: it adds up to the bill. What has no instalment (SI 1992/613 Schedule 1) is due now."""
    yield papers.Heading(_("When and how to pay"))
    if bill.to_pay <= 0:
        yield papers.Text(_credit(bill) if bill.to_pay < 0 else _("There is nothing to pay on this bill."))
        return
    coming = [one for one in bill.instalments if one.paid < one.pence and one.state != "cancelled"]
    if not coming:
        yield papers.Text(_("Pay it all now."))
    else:
        rows = [(format_date(one.due_on), money(one.pence - one.paid)) for one in coming]
        besides = bill.to_pay - sum(one.pence - one.paid for one in coming)
        if besides:
            rows.insert(0, (_("Now") if besides > 0 else _("Brought forward from earlier years"), money(besides)))
        yield papers.Table(_("Your payments"), (_("Due"), _("Amount")), rows, numeric=(1,))
    yield papers.Text(_("How you pay: %(method)s.", method=str(METHODS.get(bill.method, bill.method))))
    if bill.method == "direct_debit" and coming:
        yield papers.Text(_("You need do nothing: we collect each payment on its day or the next working day."))


def _credit(bill: Bill) -> str:
    return _("We owe you %(amount)s.", amount=money(-bill.to_pay))


def _why(bill: Bill) -> Iterator[papers.Block]:
    """Why the charge differs from the band's, and what must be told (paragraphs 19A to 19C, SI 2012/3087)."""
    reasons = list(dict.fromkeys(_reason(one) for period in bill.periods for one in period.adjustments))
    if not reasons:
        return
    yield papers.Heading(_("Why your bill is lower or higher"))
    yield papers.Points(reasons)
    yield papers.Text(
        _(
            "Tell us within 21 days if any of this is no longer so. If you do not, you may have to pay a penalty of"
            " £70, and what you paid too little."
        )
    )


def _reason(one: Adjustment) -> str:
    reason = reason_of(one.kind, one.code)
    said = f"{kind_of(one.kind)}: {reason}" if reason else kind_of(one.kind)
    if one.until_on is None:
        return _("%(what)s, since %(day)s", what=said, day=format_date(one.since_on))
    return _("%(what)s, %(span)s", what=said, span=_span(one.since_on, one.until_on))


def percent(change: Decimal | None) -> str:
    """“+4.9%”, with a real minus sign; "" where there was no such part last year."""
    if change is None:
        return ""
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return f"{sign}{abs(change).quantize(TENTH, ROUND_HALF_UP)}%"


def _title(part: Part) -> str:
    return part.title_cy if current_language() == "cy" and part.title_cy else part.title


def _span(since: date, until: date) -> str:
    return _("%(since)s to %(until)s", since=format_date(since), until=format_date(until))
