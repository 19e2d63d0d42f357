"""How letters leave us."""

from typing import Literal

from pydantic import Field, SecretStr

from portal.settings.section import Section


class Mail(Section):
    """How e-mail leaves us."""

    host: str | None = None
    """The SMTP server. In the demo alone it may be left out: messages are then kept in the outbox and not sent."""
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
