"""How letters leave us."""

import uuid
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from portal.settings.section import Section


class Mail(Section):
    """How e-mail leaves us."""

    host: str | None = None
    """The SMTP server. It may be left out where e-mail goes through GOV.UK Notify. Without either, which the demo alone
    may have, messages are kept and not sent."""
    port: int = Field(587, ge=1, le=65535)
    """Its port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected. `none` is for a mail catcher on the same machine."""
    username: str | None = None
    """The user to sign in as, when the server asks for one."""
    password: SecretStr | None = None
    """That user's password."""
    sender: str = Field("no-reply@marlowe.example", pattern=r"^[!-~]+@[!-~]+$")
    """The From address, in plain ASCII: one that cannot stand in a header would fail every letter."""
    timeout_seconds: float = Field(10.0, gt=0, le=60)
    """How long a silent server is waited for."""


class Notify(Section):
    """GOV.UK Notify, for texts, letters, and e-mail in the place of an SMTP server. `portal/notify/README.md` says
    what to make there first."""

    api_key: SecretStr | None = None
    """The API key, as Notify showed it once: `name-<service id>-<secret>`. A test key delivers nothing."""
    base_url: str = "https://api.notifications.service.gov.uk"
    """Where its API is."""
    email_template_id: uuid.UUID | None = None
    """The template for e-mails, with ((subject)) and ((message)). Without it, e-mail goes by SMTP."""
    sms_template_id: uuid.UUID | None = None
    """The template for texts, with ((message)). Without it, no texts are sent."""
    letter_template_id: uuid.UUID | None = None
    """The template for letters on paper, with ((subject)) and ((message)). Without it, no letters are sent."""
    email_reply_to_id: uuid.UUID | None = None
    """Which of the service's reply-to addresses e-mails bear. Without it, its default one."""
    sms_sender_id: uuid.UUID | None = None
    """Which of the service's names texts come from. Without it, its default one."""
    receipt_token: SecretStr | None = None
    """The bearer token that Notify shows with its delivery receipts, at least 20 characters: the same as on Notify's
    page for callbacks, whose address is `<public_url>/api/notify/receipts`. Without it, receipts are refused, and what
    became of a message is asked for now and then."""

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must look like https://api.notifications.service.gov.uk")
        return value.rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _whole_key(cls, value: SecretStr | None) -> SecretStr | None:
        """Notify's client cuts two ids out of it by their places, and would cut anything out of anything."""
        if value is not None:
            key = value.get_secret_value()
            try:
                uuid.UUID(key[-73:-37]), uuid.UUID(key[-36:])
            except ValueError:
                raise ValueError("must end in the service's id and the secret, as Notify showed it") from None
        return value

    @model_validator(mode="after")
    def _usable(self) -> Self:
        has_template = bool(self.email_template_id or self.sms_template_id or self.letter_template_id)
        if self.api_key is None and has_template:
            raise ValueError("api_key must be set where a template is")
        if self.api_key is not None and not has_template:
            raise ValueError("email_template_id, sms_template_id or letter_template_id must be set where api_key is")
        if self.receipt_token is not None and len(self.receipt_token.get_secret_value()) < 20:
            raise ValueError("receipt_token must be at least 20 characters; `openssl rand -hex 32` makes one")
        return self
