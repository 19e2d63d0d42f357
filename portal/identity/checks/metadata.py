"""Is what the provider says of itself whole, and said by the issuer in the settings?"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from portal.identity.checks.findings import Examined, Finding, fault, good, look, variable, words
from portal.identity.checks.reach import Reached, why_not
from portal.identity.metadata import Metadata, ProviderDown, read_metadata
from portal.identity.relying_party import RelyingParty

ABOUT = "metadata"


def read(party: RelyingParty, reached: Reached) -> tuple[Examined | None, list[Finding]]:
    """What was fetched, judged. Without the first part nothing else can be looked at."""
    if reason := why_not(reached):
        return None, [fault("reachable", f"{reason} {_is_the_issuer_right(party)}")]
    try:
        document: object = reached.answer.json()
    except (ValueError, RecursionError):
        document = None
    seconds = f"{reached.took:.1f} s"
    found = [good("reachable", f"{reached.url} answers in {seconds}.")]
    if not isinstance(document, dict):
        return None, [*found, fault(ABOUT, f"What {reached.url} answers is no JSON. {_is_the_issuer_right(party)}")]
    said = document.get("issuer")
    if said != party.settings.issuer:
        return None, [*found, fault(ABOUT, _other_issuer(party, said))]
    try:
        metadata = _whole(party, document)
    except ProviderDown as error:
        name = error.code.removeprefix("metadata_")
        reason = f"The provider's {name} is missing or is no https address. Whoever runs the provider must mend that."
        return None, [*found, fault(ABOUT, reason)]
    found.append(good(ABOUT, f"Whole, and of the issuer {said}."))
    return Examined(party, "", document, metadata), found


def _whole(party: RelyingParty, document: dict[str, object]) -> Metadata:
    allow_loopback, _trusted = party.documents.reach
    return read_metadata(document, issuer=party.settings.issuer, allow_http=allow_loopback)


def _is_the_issuer_right(party: RelyingParty) -> str:
    name = variable(party, "issuer")
    parts = urlsplit(party.settings.issuer)
    hint = ""
    if "/auth" in parts.path or "keycloak" in (parts.hostname or ""):
        hint = " A Keycloak's ends in /realms/ and the realm's name."
    elif parts.hostname == "login.microsoftonline.com":
        hint = " Entra's is https://login.microsoftonline.com/, the tenant's id, and /v2.0."
    return f"Check {name}, which is {party.settings.issuer}.{hint}"


def _other_issuer(party: RelyingParty, said: object) -> str:
    name, ours = variable(party, "issuer"), party.settings.issuer
    if not isinstance(said, str) or not said:
        return f"The metadata name no issuer. Is {ours} an OpenID Provider? {_is_the_issuer_right(party)}"
    if "{" in said:
        return (
            f"The metadata are a template for many tenants ({said}). Set {name} to the issuer of the council's own"
            " tenant, with its id in the place of the braces."
        )
    if said.rstrip("/") == ours.rstrip("/"):
        return f"The provider calls itself {said}, which differs in the last slash. Set {name} to exactly that."
    if said.lower() == ours.lower():
        return f"The provider calls itself {said}, which differs in capitals. Set {name} to exactly that."
    if urlsplit(said)._replace(scheme="") == urlsplit(ours)._replace(scheme=""):
        return f"The provider calls itself {said}, with another scheme. Set {name} to that if it is https."
    if (urlsplit(said).hostname or "") in ("sts.windows.net", "login.microsoftonline.com"):
        return (
            f"The provider calls itself {said}: another tenant, or another version of Entra's protocol. Set {name} to"
            " https://login.microsoftonline.com/, the tenant's id, and /v2.0."
        )
    return (
        f"The provider calls itself {said}, not {ours}. If that is the provider you mean, set {name} to exactly that."
    )


def algorithms(examined: Examined) -> Iterator[Finding]:
    """Does the provider sign by an algorithm that we accept?"""
    offered = examined.listed("id_token_signing_alg_values_supported")
    accepted = examined.party.settings.algorithms
    if offered is None:
        yield look("algorithms", f"The provider does not say how it signs. We accept {words(accepted)}.")
        return
    both = [each for each in offered if each in accepted]
    if not both:
        yield fault(
            "algorithms",
            f"The provider signs by {words(offered)}, and we accept {words(accepted)}. Have it sign by one of ours, or"
            f" set {examined.variable('algorithms')}.",
        )
        return
    yield good("algorithms", f"Of those offered we accept {words(both)}.")


def protections(examined: Examined) -> Iterator[Finding]:
    """PKCE and the `iss` parameter: what keeps a stolen or misled answer from being of use."""
    methods = examined.listed("code_challenge_methods_supported")
    if methods is None:
        yield look("PKCE", "The provider does not say whether it knows PKCE. We use it all the same (S256).")
    elif "S256" not in methods:
        yield look("PKCE", f"The provider knows {words(methods)} but not S256, which we send. It may be ignored.")
    else:
        yield good("PKCE", "S256.")
    if examined.metadata.promises_iss:
        yield good("iss parameter", "Sent with each answer, and checked.")
    else:
        yield good("iss parameter", "Not promised. The provider's own callback address guards against mix-up.")
