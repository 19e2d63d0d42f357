"""What a council may set: `MOOTHALL_COUNCIL_TAX_…`."""

from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from portal.kit import ServiceSettings

FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
OURSELVES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
Reducing = Literal["exemption", "band_reduction", "discount", "premium", "reduction", "local"]
REDUCING: Final[tuple[Reducing, ...]] = get_args(Reducing)


class BankTransfer(BaseModel):
    """The council's own account, for paying by bank transfer. Shown to everybody who is signed in."""

    model_config = FROZEN

    name: str = ""
    """Whom to pay, as the bank has it."""
    sort_code: str = Field("", pattern=r"^([0-9]{6})?$")
    """Six digits."""
    account_number: str = Field("", pattern=r"^([0-9]{8})?$")
    """Eight digits."""


class AnswerDays(BaseModel):
    """Working days until we have answered what needs an officer."""

    model_config = FROZEN

    move: int = Field(10, ge=1, le=90)
    """Moving in, out or within the area."""
    discount: int = Field(15, ge=1, le=90)
    """Discounts and disregards."""
    exemption: int = Field(15, ge=1, le=90)
    """Exemptions."""
    band_reduction: int = Field(20, ge=1, le=90)
    """Reductions for a home that was changed for somebody with a disability."""
    reduction: int = Field(20, ge=1, le=90)
    """Council tax reduction."""
    refund: int = Field(10, ge=1, le=90)
    """Refunds of a credit."""
    arrangement: int = Field(10, ge=1, le=90)
    """Spreading what is owed."""
    direct_debit: int = Field(5, ge=1, le=90)
    """Direct Debit."""
    e_billing: int = Field(5, ge=1, le=90)
    """Paperless bills."""
    instalments: int = Field(5, ge=1, le=90)
    """Ten or twelve payments a year."""


class CouncilTaxSettings(ServiceSettings):
    """Settings of council tax."""

    url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    """The address of the council tax system, which speaks `services/council_tax/backoffice/openapi.json`. Empty:
    there is none, and pages say that it cannot be reached."""
    token: SecretStr | None = None
    """What the portal shows the system to be let in."""
    page_waits_seconds: float = Field(3.0, ge=0.2, le=20)
    """How long a page waits for one answer of the system, retries included."""
    job_waits_seconds: float = Field(20.0, ge=1, le=60)
    """How long the job worker waits for one answer, retries included."""
    order_of_reductions: tuple[Reducing, ...] = REDUCING
    """In which order what changes a charge is worked out, each kind once. Exemptions and band reductions come first
    (Local Government Finance Act 1992, section 4; SI 1992/554, regulation 4); the others as your system has them."""
    bank_transfer: BankTransfer = BankTransfer()
    """Where to pay by bank transfer."""
    answer_days: AnswerDays = AnswerDays()
    """How soon we promise to answer."""
    changes_a_day: int = Field(40, ge=1, le=1000)
    """How many changes one resident may ask for in 24 hours. A landlord may have many tenants who move in a week."""
    direct_debit_name: str = Field("", max_length=18)
    """The council's name as Direct Debits show it on bank statements; without it, the council's name."""
    service_user_number: str = Field("", pattern=r"^([0-9]{6})?$")
    """The council's number in the Direct Debit scheme, shown with the instruction."""
    modulus_weights: Path | None = None
    """The table of weights for checking bank accounts, in the form of Pay.UK's `valacdos.txt`. Without it, only the
    few sort codes of the published examples are checked: fetch the current one before you take Direct Debits."""
    modulus_sort_codes: Path | None = None
    """The table of sort codes that stand for others, in the form of Pay.UK's `scsubtab.txt`."""

    @field_validator("order_of_reductions")
    @classmethod
    def _each_once(cls, order: tuple[Reducing, ...]) -> tuple[Reducing, ...]:
        if sorted(order) != sorted(REDUCING) or order[:2] != REDUCING[:2]:
            raise ValueError("names each kind once, exemption and band_reduction first")
        return order

    @model_validator(mode="after")
    def _url_with_token(self) -> "CouncilTaxSettings":
        if bool(self.url) != (self.token is not None):
            raise ValueError("URL and TOKEN belong together: set both or neither")
        if self.url and not self.url.startswith("https://") and urlsplit(self.url).hostname not in OURSELVES:
            raise ValueError("URL must be https away from this machine: it carries what residents owe and earn")
        return self
