"""Our own OpenID Provider, and who may sign people in with it."""

from typing import Literal

from pydantic import Field, SecretStr

from portal.settings.section import Section


class OwnClient(Section):
    """A relying party of our own provider."""

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
    """What it may ask for. With `offline_access` too, it may have refresh tokens; with `groups` it is told what people
    belong to as staff, which only the desk needs."""
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


class OwnProvider(Section):
    """Our own OpenID Provider, for demos and small councils."""

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
