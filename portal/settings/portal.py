"""Every setting of the portal, read from the environment once, all faults reported together.

Names are `MOOTHALL_` and the field in capitals; nested fields join with two underscores
(`MOOTHALL_COUNCIL__NAME`). A service's own settings are `MOOTHALL_<SLUG>_…` and live with the service.
"""

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.settings.audit import Audit
from portal.settings.council import Council, Gazetteer, Sessions
from portal.settings.letters import Mail, Notify
from portal.settings.own_provider import OwnProvider
from portal.settings.pay import Pay
from portal.settings.providers import Provider
from portal.settings.staff import Desk


class Settings(BaseSettings):
    """The portal's settings."""

    model_config = SettingsConfigDict(
        env_prefix="MOOTHALL_",
        env_nested_delimiter="__",
        frozen=True,
        use_attribute_docstrings=True,
        extra="ignore",
    )

    public_url: str = "http://localhost:8000"
    """The address residents type, without a last slash. It decides scheme and host of every link we make; requests
    for another host are refused, so a proxy must hand the `Host` on."""
    database_url: str = ""
    """PostgreSQL, `postgresql://user:password@host/name`. Empty: the embedded one, under `var/`."""
    secret_key: SecretStr = SecretStr("")
    """At least 32 characters. Signs form tokens; changing it makes open forms ask once more."""
    previous_secret_keys: tuple[SecretStr, ...] = ()
    """Older keys that are still accepted."""
    demo: bool = False
    """Demo people, outbox page and fault switches. Never set it where real residents are."""
    council: Council = Council()
    """The council's own face."""
    providers: dict[str, Provider] = Field(default_factory=dict)
    """Providers to sign in with, by a short name that is part of the callback path."""
    own_provider: OwnProvider = OwnProvider()
    """Our own OpenID Provider."""
    mail: Mail = Mail()
    """How e-mail leaves us."""
    notify: Notify = Notify()
    """GOV.UK Notify."""
    pay: Pay = Pay()
    """GOV.UK Pay."""
    gazetteer: Gazetteer = Gazetteer()
    """Where addresses are looked up."""
    sessions: Sessions = Sessions()
    """How long a resident stays signed in."""
    desk: Desk = Desk()
    """How staff sign in at the desk, and for how long."""
    files_url: str = "var/files"
    """Where uploaded files are kept: a folder, or `s3://bucket/prefix` and the like."""
    files_scanner: str = Field("", pattern=r"^(unix:///[^\s]+|tcp://[^\s/]+:[0-9]+)?$")
    """Where ClamAV's clamd listens: `unix:///run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`. Empty: nothing is
    scanned. Its `StreamMaxLength` must be more than `upload_megabytes`; while it is away, files wait."""
    upload_megabytes: int = Field(12, ge=1, le=60)
    """The largest file that a resident may send."""
    audit: Audit = Audit()
    """The audit trail."""
    home_budget_ms: int = Field(1000, ge=100, le=10_000)
    """How long home waits for the services' cards."""
    trusted_proxies: int = Field(0, ge=0, le=5)
    """How many proxies of ours stand in front. Forwarded headers are believed from that many and no more."""

    @field_validator("public_url")
    @classmethod
    def _plain_origin(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest.rstrip("/"):
            raise ValueError("must look like https://my.council.example, with no path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe_outside_the_demo(self) -> "Settings":
        if len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("secret_key must be at least 32 characters; `openssl rand -hex 32` makes one")
        if any(len(key.get_secret_value()) < 32 for key in self.previous_secret_keys):
            raise ValueError("previous_secret_keys must each be at least 32 characters, as secret_key is")
        if not self.is_loopback and not self.public_url.startswith("https://"):
            raise ValueError("public_url must be https away from this machine")
        if self.demo and not self.is_loopback:
            raise ValueError("demo must not be set here: it is for public addresses at localhost or 127.0.0.1 only")
        if self.own_provider.shape != "standard" and not self.demo:
            raise ValueError("own_provider.shape must be standard outside the demo: the other proves nobody's identity")
        if not self.demo and not self.mail.host and not self.notify.email_template_id:
            raise ValueError(
                "mail.host (MOOTHALL_MAIL__HOST) must name an SMTP server, or MOOTHALL_NOTIFY__API_KEY and"
                " MOOTHALL_NOTIFY__EMAIL_TEMPLATE_ID lead to GOV.UK Notify; only the demo needs neither"
            )
        if not self.is_loopback and not self.notify.base_url.startswith("https://"):
            raise ValueError("notify.base_url must be https away from this machine: the texts hold one-time links")
        if not self.is_loopback and not self.pay.url.startswith("https://"):
            raise ValueError("pay.url must be https away from this machine: what it says of money is believed")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach `public_url`."""
        host = self.public_url.partition("://")[2].rpartition("@")[2]
        name = host.rsplit(":", 1)[0] if not host.startswith("[") else host.partition("]")[0][1:]
        return name in ("localhost", "127.0.0.1", "::1")

    @property
    def issuer(self) -> str:
        """The issuer of our own provider. One Login's ends in a slash, and so does ours in its shape."""
        issuer = self.own_provider.issuer or f"{self.public_url}/id"
        return f"{issuer.rstrip('/')}/" if self.own_provider.shape == "one_login" else issuer
