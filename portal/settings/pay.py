"""Where residents pay by card."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from portal.settings.section import Section


class Pay(Section):
    """GOV.UK Pay, where residents pay by card. Without a token nothing can be paid here, and the pages say so."""

    url: str = "https://publicapi.payments.service.gov.uk"
    """Where its API is: the same for test and live payments, which the token tells apart."""
    token: SecretStr | None = None
    """The API key, as Pay showed it once: `api_test_…` or `api_live_…`."""
    webhook_secret: SecretStr | None = Field(None, min_length=20)
    """The signing secret that Pay shows with its webhook, whose address is `<public_url>/payments/events`. Without it,
    webhooks are refused, and what became of a payment is asked for now and then."""
    card_pages: frozenset[str] = frozenset({"https://*.payments.service.gov.uk"})
    """Origins of the pages on which cards are typed, as a browser's policy names them: forms may lead there."""

    @property
    def is_set(self) -> bool:
        """Whether residents can pay here."""
        return self.token is not None

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must look like https://publicapi.payments.service.gov.uk")
        return value.rstrip("/")

    @field_validator("token", "webhook_secret")
    @classmethod
    def _fit_for_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not (value.get_secret_value().isascii() and value.get_secret_value().isprintable()):
            raise ValueError("must be as Pay showed it: letters, digits and signs on one line")
        return value

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.token is None and self.webhook_secret is not None:
            raise ValueError("token must be set where webhook_secret is")
        return self
