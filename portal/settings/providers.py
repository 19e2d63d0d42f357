"""The OpenID Providers that people sign in with."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from portal.settings.section import Level, Section


class Provider(Section):
    """An OpenID Provider that residents, or staff, may sign in with (we are its relying party)."""

    people: Literal["residents", "staff"] = "residents"
    """Whom it signs in. One for `staff` leads to the desk and never to a resident's account."""
    groups_claim: str = "groups"
    """For staff: the claim of the ID token or of userinfo that lists somebody's groups. What they may do follows from
    these; in `/desk/rights` the council says how. Entra sends `groups` (ids) or `roles`, Keycloak what is mapped."""
    least_level: Level = "low"
    """For staff: the least level of assurance that opens the desk. Set it to `medium` to ask for a second factor."""
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
