"""Council tax for the demo's people: which accounts of the stand-in each has joined.

Devi has none, and Fern has just moved in: hers begins when she tells the council.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from portal.kit import Account, join_record
from services.council_tax.workflow import RECORD, SERVICE


@dataclass(frozen=True, slots=True)
class DemoJoin:
    """One account that somebody has joined. References and person are those with which the stand-in begins."""

    person: str
    reference: str
    role: Literal["liable", "joint", "landlord"] = "liable"
    protected: bool = False

    @property
    def person_key(self) -> str:
        """What the stand-in calls the person."""
        return f"person-{self.person}"


JOINED: Final = (
    DemoJoin("ada", "71000101", "joint"),
    DemoJoin("ben", "71000101", "joint"),
    DemoJoin("carys", "71000202", protected=True),
    DemoJoin("edwin", "71000303"),
    DemoJoin("gita", "71000404"),
    *(DemoJoin("gita", f"7100040{nth}", "landlord") for nth in range(5, 10)),
)


def load(accounts: Mapping[str, Account], staff: str) -> None:
    """Join them, for those people who are there. Doing it again joins nothing twice."""
    for each in JOINED:
        if each.person in accounts:
            join_record(
                accounts[each.person],
                service=SERVICE,
                kind=RECORD,
                key=each.reference,
                person_key=each.person_key,
                role=each.role,
                protected=each.protected,
                how="demo",
                actor=staff,
            )
