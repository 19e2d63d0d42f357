"""What a resident can ask the council's system to change. Each is sent once, under a key that is made with it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.council_tax.backoffice.values import Pence


class Asked(BaseModel):
    """A change as it is kept and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SetDirectDebit(Asked):
    """Pay by Direct Debit from now on, or from another account, or on another day."""

    kind: Literal["direct_debit"] = "direct_debit"
    payer_name: str
    sort_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    account_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    day: Literal[1, 5, 15, 25]


class EndDirectDebit(Asked):
    """Pay in another way from now on."""

    kind: Literal["direct_debit_end"] = "direct_debit_end"


class SetEBilling(Asked):
    """Bills on the screen instead of paper, for this person."""

    kind: Literal["e_billing"] = "e_billing"
    on: bool


class ClaimDiscount(Asked):
    """A discount or a disregard."""

    kind: Literal["discount"] = "discount"
    code: str
    since_on: date
    until_on: date | None = None
    answers: dict[str, str] = Field(default_factory=dict)
    """What else was asked, by the code of the question."""


class EndDiscount(Asked):
    """It no longer applies."""

    kind: Literal["discount_end"] = "discount_end"
    code: str
    ended_on: date
    """The last day on which it applied."""


class ClaimExemption(Asked):
    """An exemption of a class."""

    kind: Literal["exemption"] = "exemption"
    code: str
    since_on: date
    until_on: date | None = None
    answers: dict[str, str] = Field(default_factory=dict)


class ClaimBandReduction(Asked):
    """One band lower, for a home that was changed for somebody with a disability."""

    kind: Literal["band_reduction"] = "band_reduction"
    code: Literal["room", "bathroom_or_kitchen", "wheelchair"]
    since_on: date


class ClaimReduction(Asked):
    """Council tax reduction, by the council's scheme."""

    kind: Literal["reduction"] = "reduction"
    since_on: date
    answers: dict[str, str]


class MoveIn(Asked):
    """Somebody moves in from outside, or has no account yet."""

    kind: Literal["move_in"] = "move_in"
    uprn: str
    moved_on: date
    names: tuple[str, ...]
    adults: int
    tenure: Literal["owner", "tenant", "other"]
    asker: str = ""
    """The full name of who asks, as the portal has it: whether that is one of `names` is for the system to say."""


class MoveOut(Asked):
    """Everybody on the account leaves the borough, or this person does."""

    kind: Literal["move_out"] = "move_out"
    moved_on: date
    """The day of the move: it is not charged to who leaves."""
    forwarding: tuple[str, ...]
    everybody: bool = True


class MoveWithin(Asked):
    """From one home of the borough to another."""

    kind: Literal["move_within"] = "move_within"
    uprn: str
    left_on: date
    moved_on: date
    names: tuple[str, ...]
    adults: int
    tenure: Literal["owner", "tenant", "other"]


class ClaimRefund(Asked):
    """Money back that was paid too much."""

    kind: Literal["refund"] = "refund"
    pence: Pence
    sort_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    account_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    payee_name: str


class AskArrangement(Asked):
    """Spread what is owed."""

    kind: Literal["arrangement"] = "arrangement"
    months: int
    day: Literal[1, 5, 15, 25]
    answers: dict[str, str] = Field(default_factory=dict)


class SetInstalments(Asked):
    """Ten or twelve payments a year."""

    kind: Literal["instalments"] = "instalments"
    many: Literal[10, 12]


Change = Annotated[
    SetDirectDebit
    | EndDirectDebit
    | SetEBilling
    | ClaimDiscount
    | EndDiscount
    | ClaimExemption
    | ClaimBandReduction
    | ClaimReduction
    | MoveIn
    | MoveOut
    | MoveWithin
    | ClaimRefund
    | AskArrangement
    | SetInstalments,
    Field(discriminator="kind"),
]
