"""What the council's system says of council tax, and what it is asked to change: the shapes of `openapi.json`.

Money is whole pence. A charge is positive, a payment or an award negative; a balance below zero is a credit. A year is
named by the calendar year in which it begins: 2026 is 1 April 2026 to 31 March 2027. More fields than these may come:
a newer system says more.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Pence = int
Band = Literal["A", "B", "C", "D", "E", "F", "G", "H"]
Reference = Annotated[str, Field(pattern=r"^[0-9]{8,12}$")]
"""The account's number, as it stands on the bill."""
PersonRole = Literal["liable", "joint", "landlord", "agent"]
Method = Literal["direct_debit", "card", "cash", "standing_order", "attachment"]
InstalmentState = Literal["paid", "part_paid", "due", "late", "future", "cancelled"]
AdjustmentKind = Literal["band_reduction", "discount", "exemption", "premium", "reduction", "local"]
Step = Literal[
    "reminder", "second_reminder", "final_notice", "summons", "liability_order", "enforcement", "arrangement", "hold"
]
BillKind = Literal["annual", "adjusted", "new_account", "final"]
TransactionKind = Literal[
    "charge", "adjustment", "payment", "direct_debit", "refund", "cost", "transfer", "returned_payment", "arrears"
]
ChangeKind = Literal[
    "direct_debit", "direct_debit_end", "e_billing", "discount", "discount_end", "exemption", "band_reduction",
    "reduction", "move_in", "move_out", "move_within", "refund", "arrangement", "instalments",
]  # fmt: skip
ChangeState = Literal["accepted", "with_officer", "refused"]


class Value(BaseModel):
    """Something that the system says."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Property(Value):
    """A dwelling in the valuation list."""

    uprn: str
    lines: tuple[str, ...]
    postcode: str
    band: Band
    listed_on: date
    """Since when it is in that band."""


class Person(Value):
    """Somebody on an account. `id` is the system's; `account` pages show names only of those on the same account."""

    id: str
    name: str
    role: PersonRole
    since_on: date
    until_on: date | None = None
    e_billing: bool = False


class Part(Value):
    """What one authority takes of the year's charge for the band, and by how much it changed since last year."""

    code: str
    title: str
    title_cy: str
    pence: Pence
    change_percent: Decimal | None = None


class Adjustment(Value):
    """What makes the charge of a period differ from the band's: the `code` is of the rules (`single_person`, `N`)."""

    id: str
    kind: AdjustmentKind
    code: str
    since_on: date
    until_on: date | None = None
    review_on: date | None = None
    """When the council asks whether it still applies."""
    days: int = 0
    pence: Pence = 0
    """By how much it changes the year's charge: below zero when it lowers it."""


class Instalment(Value):
    """One payment of the year."""

    number: int
    due_on: date
    pence: Pence
    paid: Pence = 0
    state: InstalmentState


class DirectDebit(Value):
    """An instruction to a bank. Nobody is told more of the account than its last two figures."""

    id: str
    state: Literal["being_set_up", "active", "ending", "cancelled", "failed"]
    day: int
    payer_name: str
    account_ending: str
    reference: str
    first_on: date | None = None
    next_on: date | None = None
    next_pence: Pence = 0
    last_on: date | None = None


class RecoveryStep(Value):
    """One step of recovery that was taken, with what it added."""

    step: Step
    on: date
    pence: Pence
    costs: Pence = 0


class Recovery(Value):
    """Where an account is in recovery, and what comes next unless something is paid or agreed."""

    steps: tuple[RecoveryStep, ...]
    next_step: Step | None = None
    next_on: date | None = None
    pay_pence: Pence = 0
    pay_by_on: date | None = None


class Account(Value):
    """An account, as of `as_of_at`. The year's parts, adjustments and instalments are those of `year`."""

    reference: Reference
    property: Property
    people: tuple[Person, ...]
    protected: bool = False
    """Whether the address is kept from others: it is then shown nowhere but to the account's own people."""
    opened_on: date
    closed_on: date | None = None
    year: int
    charge: Pence
    paid: Pence
    arrears: Pence = 0
    """What is owed of earlier years."""
    costs: Pence = 0
    balance: Pence
    """All that is owed: charge and arrears and costs, less what was paid."""
    method: Method
    many: Literal[10, 12] = 10
    """Over how many months of a whole year it is paid, however many are left of this one."""
    parts: tuple[Part, ...]
    adjustments: tuple[Adjustment, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    direct_debit: DirectDebit | None = None
    recovery: Recovery | None = None
    as_of_at: datetime


class AccountLine(Value):
    """An account in a list of somebody's: a landlord's, or one who moved."""

    reference: Reference
    lines: tuple[str, ...]
    postcode: str
    role: PersonRole
    protected: bool = False
    opened_on: date
    closed_on: date | None = None
    balance: Pence
    next_on: date | None = None
    next_pence: Pence = 0
    late: Pence = 0
    """What should have been paid already, of the year."""


class Accounts(Value):
    """One page of a person's accounts. `after` asks for the next page."""

    items: tuple[AccountLine, ...]
    after: str | None = None


class Transaction(Value):
    """One line of the statement."""

    id: str
    on: date
    year: int
    kind: TransactionKind
    code: str = ""
    """What it is for, in the terms of the rules: `single_person`, `summons`, an instalment's number."""
    pence: Pence
    balance: Pence
    """What was owed after it."""


class Statement(Value):
    """One page of the statement, newest first. `after` asks for the next page."""

    items: tuple[Transaction, ...]
    after: str | None = None


class BillLine(Value):
    """A bill in the list."""

    id: str
    year: int
    issued_on: date
    kind: BillKind
    pence: Pence


class Period(Value):
    """Some days of the year that were charged alike."""

    since_on: date
    until_on: date
    """The last day that counts."""
    days: int
    band: Band
    pence: Pence
    adjustments: tuple[Adjustment, ...] = ()


class Bill(Value):
    """A bill with all that the regulations want on it (SI 2011/3038, Schedule 1)."""

    id: str
    reference: Reference
    year: int
    issued_on: date
    kind: BillKind
    names: tuple[str, ...]
    property: Property
    send_to: tuple[str, ...]
    since_on: date
    until_on: date
    parts: tuple[Part, ...]
    periods: tuple[Period, ...]
    charge: Pence
    brought_forward: Pence = 0
    paid: Pence = 0
    to_pay: Pence
    instalments: tuple[Instalment, ...]
    method: Method
    adult_social_care: bool = True


class Published(Value):
    """What the council and its precepting authorities set for one year: pence for each band and part."""

    year: int
    parts: tuple[Part, ...]
    """The parts of band D, with their titles and changes."""
    charges: dict[Band, Pence]
    by_part: dict[Band, tuple[Pence, ...]]
    """For each band the pence of each part, in the order of `parts`. They add up to the charge."""


class ListedDwelling(Value):
    """An entry of the valuation list, which is public: no names."""

    uprn: str
    lines: tuple[str, ...]
    postcode: str
    band: Band


class MatchAnswer(Value):
    """Whether somebody's answers fit a record. `asks` are the facts that would settle it (see `FACTS`).

    Number, name and postcode stand on an envelope: facts from the bill are asked of everybody before it is `matched`,
    and the same ones whether number, name and postcode fit or not. `wrong` says only which *kind* of answer does not
    fit, never what would. A reference that nobody has and one that is somebody else's answer the same.
    """

    outcome: Literal["matched", "ask_more", "not_matched"]
    wrong: Literal["", "reference", "name_or_postcode", "facts"] = ""
    asks: tuple[str, ...] = ()
    person_id: str = ""
    """Whom the answers fit, or with `ask_more` would fit: where a letter with a code may go."""
    role: PersonRole | None = None
    protected: bool = False


class PostAddress(Value):
    """Where the council writes to about an account. Never shown on a page."""

    name: str
    lines: tuple[str, ...]
    postcode: str


class ChangeAnswer(Value):
    """What became of a change. The same idempotency key is answered the same."""

    id: str
    kind: ChangeKind
    state: ChangeState
    reason: str = ""
    """A code of the reason, when it was refused."""
    effective_on: date | None = None
    bill_id: str = ""
    balance: Pence | None = None
    reference: str = ""
    """The account that it is of: the new one, when it opened one."""
    person_id: str = ""
    """The system's id of who asked, on that account: a new one for somebody whom it did not know."""


class PaymentAnswer(Value):
    """A payment was booked, once however often it was sent."""

    id: str
    reference: Reference
    pence: Pence
    balance: Pence


FACTS = ("last_payment_pence", "instalment_pence", "moved_in_on", "direct_debit_ending")
"""What only somebody with the bill or the bank statement knows."""
