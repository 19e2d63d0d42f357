"""The classes of homes for which no council tax is paid.

Law: LGFA 1992 s4; the Council Tax (Exempt Dwellings) Order 1992 (SI 1992/558) art 3, as amended: Classes P and Q by
SI 1993/150, V and W by SI 1997/656. England ended Classes A and C on 1 April 2013 (SI 2012/2965): what they covered
is a local discount since (LGFA 1992 s11A; see premiums for what follows).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.council_tax.rules.years import months_after

From = Literal["empty", "grant"]


@dataclass(frozen=True, slots=True)
class Exemption:
    """A class: how it is named, whether somebody lives there, and what limits it.

    `months` is the longest, counted from when the home became empty or from the grant of probate (`counted_from`).
    """

    code: str
    title: Lazy
    proof: Lazy
    lived_in: bool = False
    months: int | None = None
    counted_from: From | None = None


EXEMPTIONS: Final = (
    Exemption(
        "B",
        _("Empty, and a charity owned and last used it: for 6 months"),
        _("The charity’s number"),
        months=6,
        counted_from="empty",
    ),
    Exemption("D", _("Empty because the person is in prison or detained"), _("A letter from the prison or hospital")),
    Exemption(
        "E",
        _("Empty because the person lives in hospital or a care home for good"),
        _("A letter from the hospital or home"),
    ),
    Exemption(
        "F",
        _("Empty since the person died: until 6 months after probate"),
        _("The death certificate, and the grant of probate when there is one"),
        months=6,
        counted_from="grant",
    ),
    Exemption("G", _("Empty because the law forbids living there"), _("The order or planning condition")),
    Exemption("H", _("Empty, and kept for a minister of religion"), _("A letter from the church or community")),
    Exemption(
        "I",
        _("Empty because the person gets care somewhere else, not in a home or hospital"),
        _("The address where they get care"),
    ),
    Exemption(
        "J", _("Empty because the person lives somewhere else to give care"), _("The address where they give care")
    ),
    Exemption("K", _("Empty because the owner lives somewhere else as a student"), _("A student certificate")),
    Exemption("L", _("Empty, and repossessed by the lender"), _("The possession order")),
    Exemption("M", _("Student hall of residence"), _("A letter from the college"), lived_in=True),
    Exemption("N", _("Only students live there"), _("A student certificate for each person"), lived_in=True),
    Exemption("O", _("Armed forces home of the Ministry of Defence"), _("A letter from the unit"), lived_in=True),
    Exemption("P", _("Home of a member of visiting forces"), _("A letter from the unit"), lived_in=True),
    Exemption("Q", _("Empty, and held by a trustee in bankruptcy"), _("The trustee’s letter")),
    Exemption("R", _("Pitch without a caravan or mooring without a boat"), _("A photograph or the site’s letter")),
    Exemption("S", _("Only people under 18 live there"), _("Birth certificates"), lived_in=True),
    Exemption("T", _("Empty annexe that may not be let on its own"), _("The planning condition")),
    Exemption(
        "U",
        _("Only people with a severe mental impairment live there, or they and students"),
        _("A doctor’s certificate and a benefit letter for each person"),
        lived_in=True,
    ),
    Exemption("V", _("Home of a diplomat"), _("A letter from the mission"), lived_in=True),
    Exemption(
        "W",
        _("Annexe where a dependent relative of the family lives"),
        _("Proof of age, or of the disability"),
        lived_in=True,
    ),
)
BY_CODE: Final = {one.code: one for one in EXEMPTIONS}


def last_exempt_day(code: str, *, empty_since: date | None = None, granted_on: date | None = None) -> date | None:
    """The last day that can be exempt in a class; None while nothing limits it. Raises KeyError for no class.

    Class B: empty for less than 6 months. Class F: less than 6 months since probate or letters of administration were
    granted; without a grant it goes on. Both end sooner when somebody moves in.
    """
    exemption = BY_CODE[code]
    begins = empty_since if exemption.counted_from == "empty" else granted_on
    if exemption.months is None or begins is None:
        return None
    return months_after(begins, exemption.months) - timedelta(days=1)
