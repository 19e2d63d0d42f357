"""The demo's people. All invented; `.example` is reserved for addresses that lead nowhere."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who signs in by one click. `key` is the name by which services' demo data know them."""

    key: str
    sub: uuid.UUID
    given_name: str
    family_name: str
    birthdate: date
    note: Lazy
    language: str = "en"
    postcode: str = ""
    """Where they live, if they have told us: the first address there."""
    contact_by: str = ""
    contact_needs: str = ""
    has_account: bool = True
    """Whether the council knows them already; otherwise their first sign-in opens the account."""
    second_step: bool = False
    """Whether they have an authenticator app, whose codes the demo shows in its place."""

    @property
    def email(self) -> str:
        """Their address."""
        return f"{self.key}@demo.example"

    @property
    def name(self) -> str:
        """Their whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def claims(self) -> Mapping[str, object]:
        """What our provider would say of them."""
        return {
            "sub": str(self.sub),
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birthdate": self.birthdate.isoformat(),
            "email": self.email,
            "email_verified": True,
            "locale": self.language,
        }


def _sub(number: int) -> uuid.UUID:
    """The same at every start, so that links and tests may name them."""
    return uuid.UUID(f"00000000-0000-4000-8000-{number:012d}")


PEOPLE = (
    DemoPerson(
        "ada",
        _sub(1),
        "Ada",
        "Example",
        date(1985, 12, 10),
        _("Has sent two reports: one is being put right, one is fixed"),
        postcode="W6 9JU",
    ),
    DemoPerson(
        "ben",
        _sub(2),
        "Ben",
        "Sample",
        date(1992, 3, 4),
        _("Shares a home and its council tax with Ada, and has sent three reports"),
        postcode="W6 9JU",
    ),
    DemoPerson(
        "carys",
        _sub(3),
        "Carys",
        "Enghraifft",
        date(1978, 3, 1),
        _("Uses the portal in Welsh, and her address is kept from others"),
        language="cy",
        postcode="W14 0AA",
    ),
    DemoPerson("devi", _sub(4), "Devi", "Pretend", date(1999, 7, 21), _("Has an account and has reported nothing yet")),
    DemoPerson(
        "edwin",
        _sub(5),
        "Edwin",
        "Specimen",
        date(1941, 5, 30),
        _("Is behind with council tax, and wants letters in large print"),
        postcode="SW6 1AA",
        contact_by="letter",
        contact_needs="Large print, please.",
    ),
    DemoPerson(
        "fern",
        _sub(6),
        "Fern",
        "Newcomer",
        date(2003, 9, 15),
        _("Has just moved in and has never been here before"),
        has_account=False,
    ),
    DemoPerson(
        "gita",
        _sub(7),
        "Gita",
        "Placeholder",
        date(1969, 2, 11),
        _("Lets several homes, and signs in with a second step: a code from an app"),
        postcode="W6 9JX",
        second_step=True,
    ),
)
