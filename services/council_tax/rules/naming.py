"""What residents read for the codes of the council's system. A code that is not known yet is shown under its kind."""

from collections.abc import Mapping
from typing import Final

from portal.kit import Lazy, lazy_gettext
from portal.kit import gettext as _
from services.council_tax.rules.band_reduction import GROUNDS
from services.council_tax.rules.discounts import BY_CODE
from services.council_tax.rules.disregards import DISREGARDS

KINDS: Final[Mapping[str, Lazy]] = {
    "band_reduction": lazy_gettext("Reduction for a disability"),
    "discount": lazy_gettext("Discount"),
    "exemption": lazy_gettext("Exemption"),
    "premium": lazy_gettext("Premium"),
    "reduction": lazy_gettext("Council tax reduction"),
    "local": lazy_gettext("Local discount"),
}
_REASONS: Final[Mapping[str, Mapping[str, Lazy]]] = {
    "band_reduction": {one.code: one.title for one in GROUNDS},
    "discount": {one.code: one.title for one in DISREGARDS} | {one.code: one.title for one in BY_CODE.values()},
    "local": {one.code: one.title for one in BY_CODE.values()},
    "premium": {
        "long_term_empty": lazy_gettext("Empty and unfurnished for a year or more"),
        "second_home": lazy_gettext("Furnished, and nobody’s main home"),
    },
    "reduction": {"reduction": lazy_gettext("Low income, by the council’s scheme")},
}
METHODS: Final[Mapping[str, Lazy]] = {
    "direct_debit": lazy_gettext("Direct Debit"),
    "card": lazy_gettext("Card, online or by phone"),
    "cash": lazy_gettext("Cash or a payment card at a shop or Post Office"),
    "standing_order": lazy_gettext("Standing order"),
    "attachment": lazy_gettext("Taken from your pay or benefits"),
}
BILL_KINDS: Final[Mapping[str, Lazy]] = {
    "annual": lazy_gettext("Bill for the year"),
    "adjusted": lazy_gettext("Changed bill"),
    "new_account": lazy_gettext("First bill"),
    "final": lazy_gettext("Final bill"),
}


def kind_of(kind: str) -> str:
    """What a kind of adjustment is called."""
    return str(KINDS.get(kind, kind))


def reason_of(kind: str, code: str) -> str:
    """Why a charge differs from the band's; "" where there is no more to say than its kind."""
    if kind == "exemption":
        return _("Class %(code)s", code=code)
    return str(_REASONS.get(kind, {}).get(code, ""))


def adjustment_called(kind: str, code: str) -> str:
    """Both in one line: “Discount: Only one adult lives here”."""
    reason = reason_of(kind, code)
    return _("%(kind)s: %(reason)s", kind=kind_of(kind), reason=reason) if reason else kind_of(kind)


def year_called(year: int) -> str:
    """“2026 to 2027”: council tax years begin on 1 April."""
    return _("%(first)s to %(last)s", first=year, last=year + 1)
