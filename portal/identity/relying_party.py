"""One provider that residents sign in with, and what its answer must prove before anybody is let in."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from flask import Flask, current_app

from portal import clock
from portal.errors import NotFound
from portal.identity import asking, authorization_request, core_identity, tokens
from portal.identity.asking import Asked
from portal.identity.assurance import Assurance
from portal.identity.attempts import Attempt
from portal.identity.authorization_request import Hints
from portal.identity.core_identity import CoreIdentity
from portal.identity.did import DidDocument
from portal.identity.documents import Documents
from portal.identity.exchange import Exchange, SignInFailed, Tokens
from portal.identity.keys import Keys, NoSuchKey
from portal.identity.metadata import Metadata, ProviderDown
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.web.languages import current_language

log = logging.getLogger(__name__)

EXTENSION = "moothall.identity"
T = TypeVar("T")
K = TypeVar("K")


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
    refresh_token: str | None = field(repr=False, default=None)
    begun_at: datetime | None = None
    """When this browser was sent to the provider."""


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

    def authorization_url(self, attempt: Attempt, hints: Hints) -> str:
        """Where the browser goes to sign in. Raises SignInFailed when the provider is down or refuses the request."""
        request = authorization_request.parameters(self.settings, attempt, redirect_uri=self.redirect_uri, hints=hints)
        metadata = self.metadata()
        request = authorization_request.with_refresh(request, self.settings, metadata.scopes)
        return self.exchange.authorization_url(metadata, request)

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
        asked = asking.read_asked(attempt.asked)
        good: str | None = None
        try:
            self.check_issuer(attempt, iss)
            given = self.exchange.redeem(
                metadata, code=code, redirect_uri=self.redirect_uri, code_verifier=attempt.code_verifier
            )
            expected = self.expected(nonce=attempt.nonce, access_token=given.access_token)
            judged = self.with_keys(lambda keys: tokens.validate_id_token(given.id_token, keys, expected))
            good = given.id_token
            tokens.check_required(judged.claims, self.settings.required_claims)
            asking.check_vector(asked, judged.claims)
            asking.check_fresh(asked, judged.auth_time, now=expected.now, leeway=expected.leeway)
            told = self._userinfo(metadata, given, asked, expected)
            claims = (
                {**tokens.check_userinfo(told, judged.subject), **judged.claims} if told is not None else judged.claims
            )
            identity = self._identity(asked, claims, judged.subject, expected)
            assurance = self._level(asked, judged.claims, identity)
        except ProviderDown as error:
            raise SignInFailed(error.code, down=True) from None
        except tokens.TokenRefused as error:
            raise SignInFailed(f"id_token_{error.code}") from None
        except asking.NotMet as error:
            raise SignInFailed(f"asked_{error.code}", id_token=good) from None
        return Proven(
            provider=self.name,
            issuer=self.settings.issuer,
            subject=judged.subject,
            sid=judged.sid,
            auth_time=judged.auth_time,
            assurance=assurance,
            id_token=given.id_token,
            claims=core_identity.read_out(claims, identity),
            refresh_token=given.refresh_token,
            begun_at=attempt.begun_at,
        )

    def _identity(
        self, asked: Asked, claims: Mapping[str, object], subject: str, expected: tokens.Expected
    ) -> CoreIdentity | None:
        """Who they have proven to be, where that was asked for. Raises NotMet, TokenRefused and ProviderDown.

        It stands in userinfo, in a token of its own by another issuer, and is left out when nothing was proven.
        """
        if not asked.identity:
            return None
        codes = core_identity.return_codes(claims)
        if codes:
            log.info("Return codes %s with an identity of provider %s", "".join(codes), self.name)
        if core_identity.CORE_IDENTITY not in claims:
            raise asking.NotMet("identity_missing")

        def judge(keys: DidDocument) -> CoreIdentity:
            return core_identity.judge(
                claims,
                keys,
                provider=self.settings,
                expected=expected,
                subject=subject,
                least=core_identity.confidence_of(asked.vector or ""),
            )

        return _by_fresher(judge, self.documents.identity_keys, self.documents.fresher_identity_keys)

    def _level(self, asked: Asked, in_token: Mapping[str, object], identity: CoreIdentity | None) -> Assurance:
        """What the sign-in is worth, which must be what was asked for. Raises NotMet."""
        level = asking.level_in(self.settings, in_token)
        if identity is not None:
            level = max(level, core_identity.level_of(identity, self.settings))
        if level < asked.level:
            raise asking.NotMet("level")
        return level

    def expected(self, *, nonce: str = "", access_token: str | None = None) -> tokens.Expected:
        """What a good token of this provider says now. Without a nonce, no ID token of a sign-in is good."""
        return tokens.Expected(
            issuer=self.settings.issuer,
            client_id=self.settings.client_id,
            nonce=nonce,
            algorithms=self.settings.algorithms,
            now=clock.now().timestamp(),
            leeway=self.settings.leeway_seconds,
            access_token=access_token,
        )

    def _userinfo(
        self, metadata: Metadata, given: Tokens, asked: Asked, expected: tokens.Expected
    ) -> Mapping[str, object] | None:
        """What userinfo says; None when it is not offered, or fails where the settings say to go on without."""
        try:
            answer = self.exchange.userinfo(metadata, given.access_token)
        except SignInFailed as failure:
            if self.settings.userinfo_failure == "refuse" or asked.identity:
                raise
            log.warning("Signing in without userinfo: %s, provider %s", failure.code, self.name)
            return None
        if not isinstance(answer, str):
            return answer
        signed = answer
        return self.with_keys(lambda keys: tokens.signed_userinfo(signed, keys, expected))

    def userinfo_of(self, access_token: str, subject: str) -> Mapping[str, object]:
        """What userinfo says now of somebody who is signed in already; nothing where it is not offered.

        Raises SignInFailed, ProviderDown and TokenRefused.
        """
        answer = self.exchange.userinfo(self.metadata(), access_token)
        if answer is None:
            return {}
        if isinstance(answer, str):
            signed, expected = answer, self.expected()
            answer = self.with_keys(lambda keys: tokens.signed_userinfo(signed, keys, expected))
        return tokens.check_userinfo(answer, subject)

    def with_keys(self, judge: Callable[[Keys], T]) -> T:
        """What `judge` says by the provider's keys.

        Raises ProviderDown, and what `judge` raises; TokenRefused when no key of the provider is the one meant.
        """
        return _by_fresher(judge, self.documents.keys, self.documents.fresher_keys)


def _by_fresher(judge: Callable[[K], T], known: Callable[[], K], fresher: Callable[[], K]) -> T:
    """What `judge` says by the keys that we know; or by fresher ones, when they may say otherwise."""
    try:
        return judge(known())
    except (NoSuchKey, tokens.BadSignature):
        pass  # it may be signed with a key made since we last looked
    try:
        return judge(fresher())
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
    """Every provider that residents sign in with, in the order of the settings."""
    return [party for party in every_party() if party.settings.people == "residents"]


def staff_parties() -> list[RelyingParty]:
    """Every provider that staff sign in with."""
    return [party for party in every_party() if party.settings.people == "staff"]


def every_party() -> list[RelyingParty]:
    """Those for residents and those for staff: for what looks after providers."""
    parties: dict[str, RelyingParty] = current_app.extensions[EXTENSION]
    return list(parties.values())


def get_party(name: str) -> RelyingParty:
    """The provider of that name. Raises NotFound."""
    parties: dict[str, RelyingParty] = current_app.extensions[EXTENSION]
    if name not in parties:
        raise NotFound
    return parties[name]
