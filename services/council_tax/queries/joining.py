"""Joining a council tax account to the resident's own: what is asked, and who says whether it fits."""

import re
from typing import Final

from portal.kit import Answers, Match, PostTo, RecordFact, RecordKind, Refused, gettext
from portal.kit import lazy_gettext as _
from services.council_tax.backoffice.client import system
from services.council_tax.workflow import RECORD

SHORTEST: Final = 8
LONGEST: Final = 12
_BETWEEN: Final = re.compile(r"[\s./-]")


def tidy(typed: str) -> str:
    """The reference as the council's system writes it, 8 to 12 figures, however it is grouped. Raises Refused."""
    figures = _BETWEEN.sub("", typed)
    if not (figures.isascii() and figures.isdecimal()):
        raise Refused(gettext("A council tax account number has numbers only. Leave letters out"))
    if not SHORTEST <= len(figures) <= LONGEST:
        raise Refused(gettext("Enter all of the account number: it has 8 to 12 numbers"))
    return figures


def match(answers: Answers) -> Match:
    """Whether these answers fit an account, as the council's system says. Raises Unavailable."""
    said = system().match(answers.reference, answers.name, answers.postcode, dict(answers.facts))
    return Match(
        outcome=said.outcome,
        wrong=said.wrong,
        asks=said.asks,
        person_key=said.person_id,
        role=said.role or "",
        protected=said.protected,
    )


def post_to(reference: str, person_key: str) -> PostTo:
    """Where the account's bills go: for a letter with a code. Raises NotFound, Unavailable."""
    address = system().post_to(person_key, reference)
    return PostTo(name=address.name, lines=address.lines, postcode=address.postcode)


def path(reference: str) -> str:
    """The page of an account."""
    return f"/services/council_tax/accounts/{reference}"


KIND: Final = RecordKind(
    code=RECORD,
    title=_("council tax account"),
    reference_label=_("What is your council tax account number?"),
    reference_hint=_("8 to 12 numbers, at the top of your bill and of any letter about council tax."),
    tidy=tidy,
    match=match,
    post_to=post_to,
    path=path,
    roles={
        "liable": _("You pay the council tax"),
        "joint": _("You pay the council tax together with somebody else"),
        "landlord": _("You own or let the property"),
        "agent": _("You act for the person who pays"),
    },
    facts=(
        RecordFact(
            code="last_payment_pence",
            label=_("How much did you pay last time?"),
            hint=_("Your last council tax payment, as your bank statement shows it."),
            kind="money",
        ),
        RecordFact(
            code="instalment_pence",
            label=_("How much is one of your payments?"),
            hint=_("One payment as your bill lists it. If they differ, any one of them."),
            kind="money",
        ),
        RecordFact(
            code="moved_in_on",
            label=_("When did you move in?"),
            hint=_("The first day that your first bill for this property charged you for. For example, 27 3 2024."),
            kind="date",
        ),
        RecordFact(
            code="direct_debit_ending",
            label=_("What are the last 2 numbers of the account that your Direct Debit comes from?"),
            hint=_("The bank or building society account number has 8 numbers."),
            kind="digits",
            digits=2,
        ),
    ),
)
