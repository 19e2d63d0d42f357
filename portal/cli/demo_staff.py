"""The demo's members of staff, and what their groups may do. All invented."""

import uuid
from dataclasses import dataclass
from typing import Final

from portal.staff.values import Grant
from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class DemoColleague:
    """Somebody who signs in at the desk by one click."""

    key: str
    sub: uuid.UUID
    given_name: str
    family_name: str
    groups: tuple[str, ...]
    note: Lazy

    @property
    def email(self) -> str:
        """Their address."""
        return f"{self.key}@staff.demo.example"


def _sub(number: int) -> uuid.UUID:
    return uuid.UUID(f"00000000-0000-4000-8000-{number:012d}")


STREETS: Final = "street-services"
LEADERS: Final = "street-services-leaders"
SERVICES: Final = "customer-services-leaders"
AUDIT: Final = "internal-audit"
RIGHTS: Final = "portal-administrators"

COLLEAGUES: Final = (
    DemoColleague("sunita", _sub(101), "Sunita", "Deskworker", (STREETS,), _("Works on reports for street services")),
    DemoColleague("tom", _sub(102), "Tom", "Teamlead", (STREETS, LEADERS), _("Leads the street services team")),
    DemoColleague(
        "lena",
        _sub(105),
        "Lena",
        "Leadservices",
        (SERVICES,),
        _("Leads customer services: helps with everything, and sees the portal as a resident does"),
    ),
    DemoColleague("alex", _sub(103), "Alex", "Auditor", (AUDIT,), _("Reads the audit trail and the statistics")),
    DemoColleague(
        "ruth",
        _sub(104),
        "Ruth",
        "Rightskeeper",
        (RIGHTS,),
        _("Gives and takes away rights, and sees to other systems"),
    ),
)
RIGHTS_OF: Final = (
    (STREETS, Grant("decider", service="reporting")),
    (LEADERS, Grant("lead", service="reporting")),
    (SERVICES, Grant("lead")),
    (AUDIT, Grant("auditor")),
    (RIGHTS, Grant("administrator")),
)
"""The lines of the demo's table of rights."""
