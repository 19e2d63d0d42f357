"""The systems of others that reports go to, by name: `MOOTHALL_REPORTING_OFFICES__<NAME>__…`."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

FEWEST_BYTES: Final = 24
"""Of a secret that signs calls: Standard Webhooks."""


class Office(BaseModel):
    """One such system, and how it is spoken to. A category's way out names it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["open311", "webhook", "email"]
    """What it understands: Open311 GeoReport v2, a signed call of ours, or letters."""
    url: str = Field("", pattern=r"^(https?://[^\s?#]+)?$")
    """Of Open311 the address that `/requests.xml` follows; of a webhook the whole address."""
    key: SecretStr = SecretStr("")
    """Of Open311 its API key; of a webhook the secret that signs each call, `whsec_` and base64."""
    jurisdiction: str = Field("", max_length=100)
    """Its `jurisdiction_id`, if it wants one."""
    address: str = Field("", max_length=254)
    """Where its letters go."""
    asks: Literal["updates", "requests", "nothing"] = "updates"
    """How Open311 is asked what became of reports: by mySociety's extension, by the standard itself, or not at all."""
    keeps_keys: bool = False
    """Whether it knows `Idempotency-Key`, so that the same report sent twice is one. The standard asks that of nobody:
    without it a report whose answer was lost is looked for first by `GET /requests.xml` (unless it `asks` nothing), and
    sent again where it is not found."""
    photos: bool = True
    """Whether it is told where to see a report's photos. It sees them before a moderator does, for it has to mend what
    they show; what a moderator covers or hides, it sees so too."""
    seconds: float = Field(20.0, gt=0, le=20)
    """How long a call may take."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.kind == "email" and "@" not in self.address:
            raise ValueError("an office that is written to by e-mail needs its address")
        if self.kind != "email" and not self.url:
            raise ValueError(f"an office that is reached by {self.kind} needs its url")
        if self.kind == "webhook" and len(self.secret) < FEWEST_BYTES:
            raise ValueError(f"a webhook needs a key: whsec_ and {FEWEST_BYTES} bytes or more in base64")
        return self

    @property
    def secret(self) -> bytes:
        """What signs the calls of a webhook, as Standard Webhooks writes it down; nothing where that cannot be read."""
        try:
            return b64decode(self.key.get_secret_value().removeprefix("whsec_"), validate=True)
        except NotBase64:
            return b""
