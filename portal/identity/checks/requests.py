"""Does the provider take what we ask: pushed and signed requests, scopes, levels, languages?"""

from collections.abc import Collection, Iterator

from portal.identity import attempts, authorization_request, client_keys
from portal.identity.authorization_request import Hints
from portal.identity.checks.findings import Examined, Finding, fault, good, look, words
from portal.identity.exchange import OAUTH_ERRORS, SignInFailed
from portal.identity.next_path import FRONT
from portal.settings.section import Level


def requests(examined: Examined) -> Iterator[Finding]:
    """Everything about the request that the settings decide."""
    yield from _pushed(examined)
    yield from _signed(examined)
    yield from _answer(examined)
    yield from _scopes(examined)
    yield from _levels(examined)
    yield from _asking_anew(examined)
    yield from _userinfo(examined)
    yield from _languages(examined)


def _pushed(examined: Examined) -> Iterator[Finding]:
    never = examined.party.settings.pushed_requests == "never"
    if examined.metadata.requires_pushed and examined.metadata.pushed_request_endpoint is None:
        yield fault("pushed requests", "The provider demands them and names no address for them.")
    elif examined.metadata.pushed_request_endpoint is None:
        yield good("pushed requests", "Not offered; the request goes with the browser.")
    elif never and not examined.metadata.requires_pushed:
        yield good("pushed requests", f"Offered, and switched off by {examined.variable('pushed_requests')}.")
    else:
        yield _push_tried(examined)


def _push_tried(examined: Examined) -> Finding:
    """One request pushed for real, as every sign-in begins. Nobody is sent after it, so it runs out there unused."""
    party, where = examined.party, examined.metadata.pushed_request_endpoint
    attempt = attempts.new_attempt(provider=party.name, issuer=party.settings.issuer, next_path=FRONT)
    request = authorization_request.parameters(party.settings, attempt, redirect_uri=party.redirect_uri, hints=Hints())
    try:
        party.exchange.authorization_url(examined.metadata, request)
    except SignInFailed as failure:
        code = failure.code.removeprefix("pushed_")
    else:
        return good("pushed requests", "Offered and used. Tried: the provider took one of ours.")
    never = "" if examined.metadata.requires_pushed else f", or set {examined.variable('pushed_requests')} to never"
    if code in ("unreachable", "timeout", "failed"):
        return fault("pushed requests", f"{where} does not answer. Is there a firewall between it and this machine?")
    if code in ("invalid_client", "unauthorized_client", "status_401"):
        return fault(
            "pushed requests",
            f"Tried: the provider does not know us at {where} by {party.settings.client_auth}. See authentication above"
            f"{never}.",
        )
    if code in OAUTH_ERRORS or code == "other":
        return fault(
            "pushed requests",
            f"Tried: the provider refuses our request ({code}). Is {party.redirect_uri} registered there, letter for"
            f" letter, and every scope of {examined.variable('scopes')} allowed?",
        )
    return fault(
        "pushed requests",
        f"Tried: what {where} answers is not what RFC 9126 says ({code}). Whoever runs it must mend that{never}.",
    )


def _signed(examined: Examined) -> Iterator[Finding]:
    settings, variable = examined.party.settings, examined.variable("request_object")
    if not settings.request_object:
        if examined.says("require_signed_request_object"):
            yield fault("signed requests", f"The provider demands them. Set {variable} to true.")
        return
    if examined.document.get("request_parameter_supported") is False:
        yield fault("signed requests", f"The provider does not take them. Set {variable} to false.")
        return
    mine, taken = (
        client_keys.key_for(settings).algorithm,
        examined.listed("request_object_signing_alg_values_supported"),
    )
    if taken is not None and mine not in taken:
        yield fault("signed requests", f"We sign by {mine}; the provider takes {words(taken)}.")
        return
    yield good("signed requests", f"Used, signed by {mine}.")


def _answer(examined: Examined) -> Iterator[Finding]:
    wanted = examined.party.settings.response_mode
    offered = examined.listed("response_modes_supported") or ["query", "fragment"]  # Discovery 3
    if wanted not in offered:
        yield fault(
            "response mode",
            f"We ask for {wanted}; the provider knows {words(offered)}. Set {examined.variable('response_mode')}.",
        )
    kinds = examined.listed("response_types_supported")
    if kinds is not None and "code" not in kinds:
        yield fault("response type", "The provider does not offer the code flow, and we use no other.")


def _scopes(examined: Examined) -> Iterator[Finding]:
    asked = examined.party.settings.scopes
    known = examined.listed("scopes_supported")
    missing = [each for each in asked if known is not None and each not in known]
    if missing:
        yield look(
            "scopes",
            f"The provider does not list {words(missing)}, which we ask for. If it refuses, change"
            f" {examined.variable('scopes')}.",
        )
    else:
        yield good("scopes", f"{words(asked)}.")
    grants = examined.listed("grant_types_supported")
    if examined.party.settings.refresh_minutes and grants is not None and "refresh_token" not in grants:
        yield look("refresh", f"The provider gives no refresh tokens. Set {examined.variable('refresh_minutes')} to 0.")


def _levels(examined: Examined) -> Iterator[Finding]:
    settings = examined.party.settings
    if settings.level_by == "vtr":
        asked = ", ".join(f"{level}: {vector}" for level, vector in sorted(settings.vtr.items()))
        yield good("levels", f"Asked for by vtr ({asked}).")
        return
    if not settings.acr_levels:
        yield look(
            "levels",
            f"{examined.variable('acr_levels')} is empty, so that every sign-in counts as low and a service that wants"
            " more cannot be used.",
        )
        return
    meaning = ", ".join(f"{value} means {level}" for value, level in settings.acr_levels.items())
    known = examined.listed("acr_values_supported")
    unknown = [each for each in settings.acr_levels if known is not None and each not in known]
    if unknown:
        yield look(
            "levels",
            f"We take it that {meaning}. The provider does not list {words(unknown)}; it lists {words(known)}. Check"
            f" {examined.variable('acr_levels')}.",
        )
    else:
        said = "" if known is not None else " The provider does not say which values it knows."
        yield good("levels", f"{meaning}; any other counts as low.{_unreached(settings.acr_levels.values())}{said}")


def _asking_anew(examined: Examined) -> Iterator[Finding]:
    """Whether it can be asked to make sure of somebody anew, and says when it did. Much here needs both."""
    claims = examined.listed("claims_supported")
    means = [name for name in ("max_age", "prompt_login") if getattr(examined.party.settings, name)]
    after = "an owner whose account is held can get it back by telephone only, and a fresh sign-in proves nothing."
    if not means:
        both = f"{examined.variable('max_age')} and {examined.variable('prompt_login')}"
        yield look("asking anew", f"{both} are off, so that the provider is never asked for a password again: {after}")
    elif claims is not None and "auth_time" not in claims:
        yield look("asking anew", f"The provider does not list auth_time among its claims. Without it {after}")
    else:
        yield good("asking anew", f"By {words(means)}; the ID token must say when (auth_time).")


def _unreached(levels: Collection[Level]) -> str:
    """What no sign-in there can be, so that a service that wants it turns people away."""
    if "high" in levels:
        return ""
    if "medium" in levels:
        return " None means high: a service that wants that cannot be used by this provider."
    return " None means medium or high: a service that wants more than low cannot be used by this provider."


def _userinfo(examined: Examined) -> Iterator[Finding]:
    if examined.metadata.userinfo_endpoint is not None:
        return
    if examined.party.settings.identity_claims:
        yield fault("userinfo", "The provider has no userinfo, where the identity claims in the settings come from.")
    else:
        yield look("userinfo", "The provider has none: names and e-mail must be in the ID token.")


def _languages(examined: Examined) -> Iterator[Finding]:
    known = examined.listed("ui_locales_supported")
    if known is None:
        return
    spoken = {each.partition("-")[0].lower() for each in known}
    missing = [each for each in examined.party.settings.locales if each not in spoken]
    if missing:
        yield look(
            "languages", f"The provider's pages are not in {words(missing)}; see {examined.variable('locales')}."
        )
