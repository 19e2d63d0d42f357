"""What the service asks of the council's system, whichever that is."""

from datetime import date
from typing import Protocol

from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.values import (
    Account,
    Accounts,
    Bill,
    BillLine,
    ChangeAnswer,
    ListedDwelling,
    MatchAnswer,
    PaymentAnswer,
    Pence,
    PostAddress,
    Published,
    Statement,
)


class CouncilTaxSystem(Protocol):
    """The council's system. Everything may raise Unavailable; what does not exist raises NotFound.

    `person_id` names who asks: a reference that is not theirs does not exist for them. Nor does one that they left
    while others stayed, for reading or for changes; the bills of their time, each asked for by its id, remain theirs.
    """

    def account(self, person_id: str, reference: str) -> Account:
        """One account."""
        ...

    def accounts(self, person_id: str, after: str = "", limit: int = 20) -> Accounts:
        """All accounts of a person, open ones first, some at a time."""
        ...

    def statement(self, person_id: str, reference: str, after: str = "", limit: int = 25) -> Statement:
        """Payments, charges and adjustments, newest first, some at a time."""
        ...

    def bills(self, person_id: str, reference: str) -> tuple[BillLine, ...]:
        """The bills of an account, newest first, at most 50."""
        ...

    def bill(self, person_id: str, bill_id: str) -> Bill:
        """One bill, as it was issued."""
        ...

    def change(self, person_id: str, reference: str, change: Change, key: str) -> ChangeAnswer:
        """Ask for a change. `key` names the request: sent again it is answered again and done once."""
        ...

    def find_change(self, key: str) -> ChangeAnswer | None:
        """What became of a change, if the system has it."""
        ...

    def pay(self, reference: str, pence: Pence, paid_on: date, key: str) -> PaymentAnswer:
        """Book a payment that was taken elsewhere, once for each key."""
        ...

    def give_back(self, reference: str, pence: Pence, given_on: date, key: str) -> PaymentAnswer:
        """Book that money of a payment was given back elsewhere, once for each key."""
        ...

    def match(self, reference: str, name: str, postcode: str, facts: dict[str, str]) -> MatchAnswer:
        """Whether these answers fit a record. Compared forgivingly: case, spaces, order and titles do not count."""
        ...

    def post_to(self, person_id: str, reference: str) -> PostAddress:
        """Where the council writes to a person about an account: for a letter with a code only, shown on no page."""
        ...

    def published(self, year: int) -> Published:
        """What was set for a year. Raises NotFound for a year that has not been set."""
        ...

    def dwellings(self, postcode: str) -> tuple[ListedDwelling, ...]:
        """The valuation list at a postcode, at most 200 entries."""
        ...

    def healthy(self) -> None:
        """Nothing, if the system answers well."""
        ...
