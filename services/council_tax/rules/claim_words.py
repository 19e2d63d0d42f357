"""What else was asked in a claim, in words for resident and officer: the questions by their codes, and the answers."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from portal.kit import Lazy, format_date, lazy_gettext, money
from portal.kit import gettext as _
from services.council_tax.rules.exemptions import BY_CODE as EXEMPTIONS
from services.council_tax.rules.naming import reason_of

QUESTIONS: Final[Mapping[str, Lazy]] = {
    "who": lazy_gettext("Who it is for"),
    "why": lazy_gettext("Why"),
    "adults": lazy_gettext("Adults in the home"),
    "granted_on": lazy_gettext("Probate was granted on"),
    "pension_age": lazy_gettext("Old enough for Pension Credit"),
    "guarantee": lazy_gettext("Gets the guarantee part of Pension Credit"),
    "older": lazy_gettext("Pension age before 1 April 2021"),
    "partner": lazy_gettext("Lives with a partner"),
    "children": lazy_gettext("Children"),
    "others": lazy_gettext("Other adults in the home"),
    "income": lazy_gettext("Income a week"),
    "savings": lazy_gettext("Savings"),
    "estimate": lazy_gettext("Estimate that was shown, a week"),
    "afford": lazy_gettext("Is there anything that we should know?"),
}
SUMS: Final = frozenset({"income", "savings", "estimate"})
"""Answers that are pence."""
_YES_NO: Final[Mapping[str, Lazy]] = {"yes": lazy_gettext("Yes"), "no": lazy_gettext("No")}
_TEXTS: Final = frozenset({"who", "why", "afford"})
"""Answers in the resident's own words."""
_ALL_KINDS: Final = ("discount", "local", "band_reduction", "reduction")


def question_called(name: str) -> str:
    """The question, or its code as words where it has no better name."""
    return str(QUESTIONS.get(name) or name.replace("_", " ").capitalize())


def answer_shown(name: str, value: str) -> str:
    """The answer to a question, whatever an older version of ours wrote."""
    if name in _TEXTS:
        return value
    if name in SUMS and value.isdecimal():
        return money(int(value))
    if name.endswith("_on"):
        try:
            return format_date(date.fromisoformat(value))
        except ValueError:
            return value
    return str(_YES_NO.get(value, value))


def claimed_called(kind: str, code: str) -> str:
    """What a claim asks for, by the catalogues' titles; "" for a code that they do not have."""
    if kind in ("exemption", "discount_end") and code in EXEMPTIONS:
        return _("%(title)s (Class %(code)s)", title=EXEMPTIONS[code].title, code=code)
    kinds = _ALL_KINDS if kind == "discount_end" else (kind,)
    return next((title for each in kinds if (title := reason_of(each, code))), "")
