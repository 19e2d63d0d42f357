"""One provider that residents sign in with, and what its answer must prove before anybody is let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app

from portal import clock
from portal.errors import NotFound
from portal.identity import tokens
from portal.identity.assurance import Assurance, level_of
from portal.identity.attempts import Attempt
from portal.identity.exchange import Exchange, SignInFailed
from portal.identity.keys import NoSuchKey
from portal.identity.metadata import Documents, Metadata, ProviderDown
from portal.settings import Provider, Settings
from portal.web.languages import current_language

EXTENSION = "moothall.identity"


@dataclass(frozen=True, slots=True)
class Proven:
    """Who came back from the provider, proven. `claims` are the ID token's and userinfo's together."""

    provider: str
    issuer: str
    subject: str
    sid: str | None
    auth_time: float | None
    assurance: Assurance
    id_token: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Us, as one provider knows us."""

    name: str
    settings: Provider
    documents: Documents
    exchange: Exchange
    redirect_uri: str

    @property
    def title(self) -> str:
        """What this page calls the provider."""
        return self.settings.called(current_language())

    def metadata(self) -> Metadata:
        """What the provider says about itself. Raises SignInFailed when it is down."""
        try:
            return self.documents.metadata()
        except ProviderDown as error:
            raise SignInFailed(error.code, down=True) from None

    def authorization_url(self, attempt: Attempt, language: str) -> str:
        """Where the browser goes to sign in. Raises SignInFailed when the provider is down."""
        return self.exchange.authorization_url(
            self.metadata(),
            redirect_uri=self.redirect_uri,
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
            language=language,
        )

    def check_issuer(self, attempt: Attempt, iss: str | None) -> None:
        """Is it the provider that we asked who answers? (RFC 9207.) Raises SignInFailed, before the code is sent."""
        if attempt.issuer != self.settings.issuer:
            raise SignInFailed("issuer_changed")
        known = self.documents.known_metadata()
        if iss is None and known is not None and known.promises_iss:
            raise SignInFailed("iss_missing")
        if iss is not None and iss != attempt.issuer:
            raise SignInFailed("iss_other")

    def prove(self, attempt: Attempt, code: str, iss: str | None) -> Proven:
        """Exchange the code and judge everything that comes back. Raises SignInFailed."""
        metadata = self.metadata()
        try:
            self.check_issuer(attempt, iss)
            given = self.exchange.redeem(
                metadata, code=code, redirect_uri=self.redirect_uri, code_verifier=attempt.code_verifier
            )
            expected = tokens.Expected(
                issuer=self.settings.issuer,
                client_id=self.settings.client_id,
                nonce=attempt.nonce,
                algorithms=self.settings.algorithms,
                now=clock.now().timestamp(),
                leeway=self.settings.leeway_seconds,
                access_token=given.access_token,
            )
            judged = self._judge(given.id_token, expected)
            claims: Mapping[str, object] = judged.claims
            answer = self.exchange.userinfo(metadata, given.access_token)
            if answer is not None:
                claims = {**tokens.check_userinfo(answer, judged.subject), **judged.claims}
        except ProviderDown as error:
            raise SignInFailed(error.code, down=True) from None
        except tokens.TokenRefused as error:
            raise SignInFailed(f"id_token_{error.code}") from None
        return Proven(
            provider=self.name,
            issuer=self.settings.issuer,
            subject=judged.subject,
            sid=judged.sid,
            auth_time=judged.auth_time,
            assurance=level_of(judged.claims, self.settings.acr_levels),
            id_token=given.id_token,
            claims=claims,
        )

    def _judge(self, id_token: str, expected: tokens.Expected) -> tokens.IdToken:
        try:
            return tokens.validate_id_token(id_token, self.documents.keys(), expected)
        except (NoSuchKey, tokens.BadSignature):
            pass  # it may be signed with a key made since we last looked
        try:
            return tokens.validate_id_token(id_token, self.documents.fresher_keys(), expected)
        except NoSuchKey:
            raise tokens.TokenRefused("unknown_key") from None


def relying_parties(settings: Settings) -> dict[str, RelyingParty]:
    """One for each provider in the settings; asks nobody yet. Raises SetupError when a key file cannot be used."""
    loopback = settings.is_loopback
    return {
        name: RelyingParty(
            name=name,
            settings=provider,
            documents=Documents(name, provider, allow_loopback=loopback),
            exchange=Exchange(provider, allow_loopback=loopback),
            redirect_uri=f"{settings.public_url}/auth/{name}/callback",
        )
        for name, provider in settings.providers.items()
    }


def install(app: Flask, settings: Settings) -> None:
    """Give `app` its relying parties."""
    app.extensions[EXTENSION] = relying_parties(settings)


def all_parties() -> list[RelyingParty]:
    """Every provider, in the order of the settings."""
    parties: dict[str, RelyingParty] = current_app.extensions[EXTENSION]
    return list(parties.values())


def get_party(name: str) -> RelyingParty:
    """The provider of that name. Raises NotFound."""
    parties: dict[str, RelyingParty] = current_app.extensions[EXTENSION]
    if name not in parties:
        raise NotFound
    return parties[name]
