"""Every setting of the portal, read from the environment once, all faults reported together.

Names are `MOOTHALL_` and the field in capitals; nested fields join with two underscores
(`MOOTHALL_COUNCIL__NAME`). A service's own settings are `MOOTHALL_<SLUG>_…` and live with the service.
"""

import os
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.errors import SetupError

FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
OF_ONE_FIELD = re.compile(r"(?P<field>[a-z_]+(?:\.[a-z_]+)*)(?: \([A-Z_]+\))? (?P<rest>must .*)", re.DOTALL)
Level = Literal["low", "medium", "high"]


class Council(BaseModel):
    """The council's own face."""

    model_config = FROZEN

    name: str = "Marlowe Borough Council"
    """The council's name, as printed in the header and in e-mails. The default council is invented."""
    name_cy: str = "Cyngor Bwrdeistref Marlowe"
    """The council's name in Welsh."""
    brand_colour: str = Field("#1f3d7a", pattern=r"^#[0-9a-fA-F]{6}$")
    """Header and brand colour, `#rrggbb`. Text on it is white."""
    link_colour: str = Field("#1a56a8", pattern=r"^#[0-9a-fA-F]{6}$")
    """Colour of links, `#rrggbb`; at least 4.5:1 on white."""
    typeface: str = Field('"Helvetica Neue", Helvetica, Arial, sans-serif', pattern=r"^[A-Za-z0-9 ,\"'-]{1,200}$")
    """CSS font stack. GOV.UK's own typeface may not be used by councils."""
    logo_path: str | None = None
    """An SVG or PNG file to show in the header. Without it, the invented council's mark."""
    telephone: str = "020 7946 0100"
    """The number residents may ring, shown on help and error pages."""
    email: str = "help@marlowe.example"
    """The address residents may write to."""
    website: str = "https://www.marlowe.example"
    """The council's main web site."""


class Provider(BaseModel):
    """An OpenID Provider that residents may sign in with (we are its relying party)."""

    model_config = FROZEN

    title: str = "your council account"
    """What pages call it: “Sign in with …”, “Confirmed by …”."""
    title_cy: str = ""
    """The same in Welsh. Without it, `title`."""
    issuer: str
    """The issuer, exactly as its discovery document says, with or without the last slash."""
    client_id: str
    """The client id that the provider gave us."""
    client_secret: SecretStr | None = None
    """The client secret, when it authenticates us by secret."""
    client_key_file: str | None = None
    """A PEM file with our private key. Without it, `private_key_jwt` signs with the portal's own keys, which
    `/auth/jwks` publishes and `moothall identity keys rotate` renews."""
    client_key_id: str | None = None
    """The `kid` of the key in `client_key_file` as registered at the provider. Without it, assertions name no key,
    which is right where the provider knows us by a single one."""
    client_key_algorithm: Literal["ES256", "RS256", "PS256"] = "RS256"
    """Which of the portal's own keys signs for this provider. One Login takes RSA keys only. The key in
    `client_key_file` signs by what it is: ES256, or RS256 unless PS256 is set here."""
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    """Whom an assertion of ours names as its audience."""
    assertion_seconds: int = Field(300, ge=30, le=3600)
    """How long an assertion or a request object of ours is good."""
    client_auth: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = "client_secret_basic"
    """How we authenticate at the token endpoint."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    """The scopes we ask for; `openid` is among them."""
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256")
    """The ID token signature algorithms that we accept from this provider, whatever its metadata says."""
    acr_levels: dict[str, Level] = Field(default_factory=dict)
    """What its `acr` or `vot` values mean in our levels of assurance. A value not listed means `low`."""
    level_by: Literal["acr_values", "vtr", "nothing"] = "acr_values"
    """How a level is asked for: by the `acr` values listed in `acr_levels`, by `vtr`, or not at all."""
    vtr: dict[Level, str] = Field(default_factory=dict)
    """With `level_by` `vtr`: the vector of trust to ask for, by level, such as `{"low": "Cl.Cm"}`."""
    identity_claims: tuple[str, ...] = ()
    """The userinfo claims asked for together with a vector that proves the identity (`P1` and higher)."""
    core_identity_issuer: str | None = None
    """Who signs the core identity claim. One Login's differs from its OpenID issuer."""
    core_identity_did: str | None = None
    """The DID document with the keys of `core_identity_issuer`, as an address. Never taken from a token."""
    max_age: bool = True
    """Whether a fresh sign-in may be asked for with `max_age` (One Login: only after agreement)."""
    prompt_login: bool = True
    """Whether `prompt=login` may be asked for (One Login: only within a request object)."""
    locales: tuple[str, ...] = ("en", "cy")
    """The languages that `ui_locales` may name; the page's own is sent when it is among them."""
    request_object: bool = False
    """Send the request as a signed object (JAR, RFC 9101)."""
    request_object_audience: Literal["issuer", "authorization_endpoint"] = "issuer"
    """Whom a request object names as its audience. One Login wants its authorization endpoint."""
    pushed_requests: Literal["when_offered", "never"] = "when_offered"
    """Push the request to the provider before the browser goes there (PAR, RFC 9126)."""
    response_mode: Literal["query", "form_post"] = "query"
    """How the answer comes back."""
    userinfo_failure: Literal["refuse", "go_on"] = "refuse"
    """Whether a sign-in fails, or goes on with the ID token's claims alone, when userinfo does not answer."""
    required_claims: dict[str, str] = Field(default_factory=dict)
    """Claims that an ID token must have with these very values, such as Entra's `tid`."""
    refresh_minutes: int = Field(0, ge=0, le=1440)
    """Ask for a refresh token and use it this often, so that a session ends when the provider says so. 0: never."""
    offline_access: Literal["when_offered", "with_consent", "never"] = "when_offered"
    """With `refresh_minutes`: ask for the scope `offline_access` where the provider offers it. `with_consent`: and for
    `prompt=consent`, which some providers want before they grant it. `never`: for Keycloak, which gives refresh tokens
    without it that end with its own session."""
    strict_logout_type: bool = False
    """Take logout tokens only with `typ` `logout+jwt`. One Login sends none."""
    logout_hint: bool = True
    """Whether sign-out sends the ID token as a hint. Without it, `client_id` alone."""
    form_targets: tuple[str, ...] = ()
    """Further origins that its sign-in page redirects through, which our pages' forms may then lead to."""
    account_url: str | None = None
    """The provider's page where people change their password, passkeys and the like."""
    recovery_url: str | None = None
    """The provider's page for those who have lost their password or fear that somebody else has it."""
    leeway_seconds: int = Field(30, ge=0, le=60)
    """How far its clock and ours may differ."""

    def called(self, language: str) -> str:
        """What pages in that language call it."""
        return self.title_cy or self.title if language == "cy" else self.title

    @model_validator(mode="after")
    def _authentication_is_whole(self) -> "Provider":
        if self.client_auth != "private_key_jwt" and not self.client_secret:
            raise ValueError(f"{self.client_auth} needs client_secret")
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        if "none" in self.algorithms:
            raise ValueError("algorithms must not contain none")
        if "{" in self.issuer or "/common/" in self.issuer or "/organizations/" in self.issuer:
            raise ValueError("issuer must be one tenant's own, not a template for many")
        if self.level_by == "vtr" and not self.vtr:
            raise ValueError("vtr must say what to ask for when level_by is vtr")
        if any(all(part.startswith("P") for part in vector.split(".") if part) for vector in self.vtr.values()):
            raise ValueError("vtr must name credentials in every vector, as Cl.Cm.P2 does: an identity needs them")
        if (self.core_identity_issuer is None) != (self.core_identity_did is None):
            raise ValueError("core_identity_issuer and core_identity_did must be set together")
        return self


class Mail(BaseModel):
    """How e-mail leaves us."""

    model_config = FROZEN

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


class Gazetteer(BaseModel):
    """Where addresses are looked up."""

    model_config = FROZEN

    source: Literal["demo", "os_places"] = "demo"
    """`demo`: invented streets on real postcodes. `os_places`: Ordnance Survey's OS Places API."""
    os_places_url: str = "https://api.os.uk/search/places/v1"
    """OS Places' base address."""
    os_places_key: SecretStr | None = None
    """The API key of OS Places."""

    @model_validator(mode="after")
    def _key_is_there(self) -> "Gazetteer":
        if self.source == "os_places" and not self.os_places_key:
            raise ValueError("os_places needs os_places_key")
        return self


class Sessions(BaseModel):
    """How long a resident stays signed in."""

    model_config = FROZEN

    idle_minutes: int = Field(30, ge=5, le=240)
    """Signed out after this long without a request."""
    absolute_hours: int = Field(12, ge=1, le=24)
    """Signed out this long after signing in, whatever happens."""
    warn_minutes: int = Field(5, ge=1, le=60)
    """How long before the idle limit a page warns."""


class OwnClient(BaseModel):
    """A relying party of our own provider."""

    model_config = FROZEN

    title: str
    """What residents know it as."""
    title_cy: str = ""
    """The same in Welsh. Without it, `title`."""
    redirect_uris: tuple[str, ...]
    """Callback addresses, character for character."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    """Addresses after signing out, character for character."""
    backchannel_logout_uri: str | None = None
    """Where it wants to hear that a person has signed out."""
    home_url: str | None = None
    """Its front page."""
    auth_method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = "client_secret_basic"
    """How it proves who it is."""
    secret: SecretStr | None = None
    """Its secret, at least 32 characters."""
    jwks_uri: str | None = None
    """Where it publishes its keys, with `private_key_jwt` or signed requests."""
    jwks_file: str | None = None
    """The same as a file."""
    scopes: tuple[str, ...] = ("openid", "profile", "email", "phone")
    """What it may ask for. With `offline_access` too, it may have refresh tokens."""
    subject_type: Literal["public", "pairwise"] = "public"
    """Whether it knows people by the same id as other clients do, or by one of its own."""
    sector: str | None = None
    """With `pairwise`: clients of one sector share ids. Without it, the host of `redirect_uris`."""
    consent: bool = False
    """Whether a person is asked before it learns anything. The council's own services need not."""
    id_token_alg: Literal["ES256", "RS256"] = "ES256"  # noqa: S105  # an algorithm
    """How its ID tokens are signed."""
    require_nonce: bool = False
    """Refuse its requests without `nonce`."""
    identity: bool = False
    """In the shape of One Login: whether it may ask for proven identities. It then proves itself by its keys."""
    max_age: bool = False
    """In the shape of One Login: whether it may ask how old a sign-in is (`max_age`); otherwise that is ignored."""
    require_signed_request: bool = False
    """Refuse its requests unless it has signed them (RFC 9101)."""
    require_pushed_request: bool = False
    """Refuse its requests unless it has pushed them (RFC 9126)."""


class OwnProvider(BaseModel):
    """Our own OpenID Provider, for demos and small councils."""

    model_config = FROZEN

    mounted: bool = False
    """Serve it under `/id` beside the portal. Otherwise it runs on its own address (`moothall provider`)."""
    issuer: str | None = None
    """Its issuer. Without it, `<public_url>/id`."""
    shape: Literal["standard", "one_login"] = "standard"
    """`one_login`: answer in the shape of GOV.UK One Login, to test a portal against. Only in the demo."""
    clients: dict[str, OwnClient] = Field(default_factory=dict)
    """The relying parties that it knows, by client id in small letters, besides those added by command. They win over
    a command's, and one that is taken out here is gone at the next start."""
    inner_hosts: tuple[str, ...] = ()
    """Hosts within the council's own network that it may call: clients' keys and their logout addresses. Others must
    have a public address."""
    passwords_at_once: int = Field(6, ge=1, le=500)
    """How many sign-ins of one process may wait for their password to be checked; who comes next is asked to try
    again. Each holds a thread of the web server, so leave some for other pages: `moothall web` and `moothall provider
    serve` set it to three quarters of `--threads`."""


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
    gazetteer: Gazetteer = Gazetteer()
    """Where addresses are looked up."""
    sessions: Sessions = Sessions()
    """How long a resident stays signed in."""
    files_url: str = "var/files"
    """Where uploaded files are kept: a folder, or `s3://bucket/prefix` and the like."""
    upload_megabytes: int = Field(12, ge=1, le=60)
    """The largest file that a resident may send."""
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
        if not self.demo and not self.mail.host:
            raise ValueError("mail.host (MOOTHALL_MAIL__HOST) must name an SMTP server; only the demo needs none")
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


def load_settings(environ: Mapping[str, str] | None = None, **fixed: Any) -> Settings:
    """Read the settings; `fixed` wins over the environment.

    Raises SetupError with one line for each fault, so that all can be mended at once.
    """
    if environ is not None:
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(environ)
    try:
        return Settings(**fixed)
    except ValidationError as error:
        raise SetupError("\n".join(describe(error))) from None
    finally:
        if environ is not None:
            os.environ.clear()
            os.environ.update(before)


def describe(error: ValidationError, prefix: str = "MOOTHALL_") -> list[str]:
    """One sentence for each fault, naming the variable to change. Never the value: it may be secret."""
    sentences = []
    for fault in error.errors():
        where = [str(part) for part in fault["loc"]]
        message = fault["msg"].removeprefix("Value error, ")
        if named := OF_ONE_FIELD.fullmatch(message):  # from a check of several fields together
            where, message = [*where, *named["field"].split(".")], named["rest"]
        name = prefix + "__".join(part.upper() for part in where)
        sentences.append(f"{name}: {message}." if where else f"Settings: {message}.")
    return sentences
