"""A council's system that says what a test wants it to say, for pages whose words are looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from portal.kit import NotFound, Unavailable
from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.values import (
    Account,
    AccountLine,
    Accounts,
    Adjustment,
    Bill,
    BillLine,
    ChangeAnswer,
    DirectDebit,
    Instalment,
    ListedDwelling,
    Part,
    Period,
    Person,
    Property,
    Published,
    Statement,
    Transaction,
)

T = TypeVar("T")
ADA, BEN, REFERENCE, OTHER = "person-ada", "person-ben", "40001234", "40009999"
HOME = Property(uprn="1", lines=("1 Larkspur Lane", "Marlowe"), postcode="W6 9JU", band="D", listed_on=date(1993, 4, 1))
PARTS = (
    Part(code="borough", title="Marlowe", title_cy="Cyngor Marlowe", pence=91550, change_percent=Decimal("4.9")),
    Part(code="gla", title="London", title_cy="Awdurdod Llundain", pence=47127, change_percent=Decimal("-1.25")),
)
SINGLE = Adjustment(
    id="a1", kind="discount", code="single_person", since_on=date(2026, 4, 1), days=365, pence=-34669
)  # a quarter of 138677
DUE = tuple(
    Instalment(number=n + 1, due_on=date(2026 + (n + 4) // 13, (n + 3) % 12 + 1, 1), pence=pence, state="future")
    for n, pence in enumerate((10408, *(10400,) * 9))
)


def bill(bill_id: str = "b-1", reference: str = REFERENCE, **other: Any) -> Bill:  # fields of a bill
    """A bill with a discount and something brought forward."""
    values = {
        "id": bill_id, "reference": reference, "year": 2026, "issued_on": date(2026, 3, 12), "kind": "annual",
        "names": ("Ada #import Lark", "Ben Lark"), "property": HOME,
        "send_to": ("1 Larkspur Lane", "Marlowe", "W6 9JU"),
        "since_on": date(2026, 4, 1), "until_on": date(2027, 3, 31), "parts": PARTS,
        "periods": (
            Period(
                since_on=date(2026, 4, 1), until_on=date(2027, 3, 31), days=365, band="D", pence=104008,
                adjustments=(SINGLE,),
            ),
        ),
        "charge": 104008, "brought_forward": 5000, "paid": 0, "to_pay": 109008, "instalments": DUE, "method": "card",
    }  # fmt: skip
    return Bill(**(values | other))


def account(reference: str = REFERENCE, **other: Any) -> Account:  # fields of an account
    """Ada's and Ben's, with ten payments still to come."""
    people = (
        Person(id=ADA, name="Ada Lark", role="joint", since_on=date(2020, 1, 1), e_billing=True),
        Person(id=BEN, name="Ben Lark", role="joint", since_on=date(2020, 1, 1)),
    )
    values = {
        "reference": reference, "property": HOME, "people": people, "opened_on": date(2020, 1, 1), "year": 2026,
        "charge": 104008, "paid": 0, "balance": 104008, "method": "card", "parts": PARTS, "adjustments": (SINGLE,),
        "instalments": DUE, "as_of_at": datetime(2026, 4, 2, 9, tzinfo=UTC),
    }  # fmt: skip
    return Account(**(values | other))


def debit(**other: Any) -> DirectDebit:  # fields of a Direct Debit
    """One that is collected on the 15th."""
    values = {
        "id": "d-1", "state": "active", "day": 15, "payer_name": "A Lark", "account_ending": "91", "reference": "CT1",
        "next_on": date(2026, 5, 15), "next_pence": 10400,
    }  # fmt: skip
    return DirectDebit(**(values | other))


@dataclass
class ToldSystem:
    """Answers for its people alone; `away` makes it unreachable."""

    accounts_told: dict[str, Account] = field(default_factory=lambda: {REFERENCE: account()})
    bills_told: dict[str, Bill] = field(default_factory=lambda: {"b-1": bill(), "x-1": bill("x-1", OTHER)})
    people: set[str] = field(default_factory=lambda: {ADA, BEN})
    lines_told: tuple[Transaction, ...] = ()
    away: bool = False
    late: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def account(self, person_id: str, reference: str) -> Account:
        """One account."""
        return self._of(person_id, self.accounts_told, reference)

    def bills(self, person_id: str, reference: str) -> tuple[BillLine, ...]:
        """Its bills."""
        found = [self._of(person_id, self.bills_told, key) for key in self.bills_told]
        return tuple(
            BillLine(id=one.id, year=one.year, issued_on=one.issued_on, kind=one.kind, pence=one.to_pay)
            for one in found
            if one.reference == reference
        )

    def bill(self, person_id: str, bill_id: str) -> Bill:
        """One bill."""
        return self._of(person_id, self.bills_told, bill_id)

    def accounts(self, person_id: str, after: str = "", limit: int = 20) -> Accounts:
        """All that are in a person's name."""
        if self.away:
            raise Unavailable
        lines = [
            AccountLine(
                reference=one.reference, lines=one.property.lines, postcode=one.property.postcode, role="landlord",
                protected=one.protected, opened_on=one.opened_on, balance=one.balance,
                late=self.late.get(one.reference, 0),
            )
            for one in self.accounts_told.values()
        ]  # fmt: skip
        return Accounts(items=tuple(lines))

    def statement(self, person_id: str, reference: str, after: str = "", limit: int = 25) -> Statement:
        """What was said of it, in two pages."""
        self._of(person_id, self.accounts_told, reference)
        newest, oldest = self.lines_told[:limit], self.lines_told[limit:]
        return Statement(items=oldest if after else newest, after=None if after or not oldest else "more")

    def change(self, person_id: str, reference: str, change: Change, key: str) -> ChangeAnswer:
        """Note what was asked."""
        self._of(person_id, self.accounts_told, reference)
        self.changes.append(change)
        return ChangeAnswer(id=key, kind=change.kind, state="accepted")

    def published(self, year: int) -> Published:
        """What was set for any year: band D is that of the account."""
        ninths = dict(zip("ABCDEFGH", (6, 7, 8, 9, 11, 13, 15, 18), strict=True))
        by_part = {band: tuple(part.pence * share // 9 for part in PARTS) for band, share in ninths.items()}
        charges = {band: sum(amounts) for band, amounts in by_part.items()}
        return Published.model_validate({"year": year, "parts": PARTS, "charges": charges, "by_part": by_part})

    def dwellings(self, postcode: str) -> tuple[ListedDwelling, ...]:
        """The home, and the one beside it."""
        if self.away:
            raise Unavailable
        beside = ListedDwelling(uprn="2", lines=("2 Larkspur Lane", "Marlowe"), postcode=HOME.postcode, band="E")
        ours = ListedDwelling(uprn=HOME.uprn, lines=HOME.lines, postcode=HOME.postcode, band=HOME.band)
        return (ours, beside) if postcode == HOME.postcode else ()

    def _of(self, person_id: str, things: dict[str, T], key: str) -> T:
        if self.away:
            raise Unavailable
        if person_id not in self.people or key not in things:
            raise NotFound
        return things[key]


def telling(told: ToldSystem) -> Callable[..., ToldSystem]:
    """In the place of `client.system`."""
    return lambda **_patience: told
