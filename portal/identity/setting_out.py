"""Sending the browser to a provider, for whatever purpose: the one way in which every exchange begins."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect
from flask.typing import ResponseReturnValue

from portal.db.session import release, session
from portal.errors import NotFound
from portal.identity import asking, attempts, failures
from portal.identity.assurance import Demand
from portal.identity.attempts import Purpose
from portal.identity.authorization_request import Hints
from portal.identity.exchange import SignInFailed
from portal.identity.relying_party import RelyingParty, all_parties
from portal.web import browser
from portal.web.headers import allow_form_target, origin_of
from portal.web.languages import current_language
from portal.web.page import render

ANY = Demand()


def set_out(
    party: RelyingParty,
    *,
    next_path: str,
    purpose: Purpose = "sign_in",
    account_id: uuid.UUID | None = None,
    demand: Demand = ANY,
    login_hint: str = "",
    id_token_hint: str | None = None,
    restarts: int = 0,
    beside: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """Write down what begins, and send the browser to the provider; or show the page that says why not.

    `beside` is kept with the attempt for its callback. Called within `@commits`; what was done before is committed
    first, since no connection of the database waits while the provider is asked for its metadata or takes the request.
    Raises NotFound where residents would be sent to a provider for staff, or the other way round.
    """
    if (purpose == "staff") != (party.settings.people == "staff"):
        raise NotFound
    session().commit()
    asked = asking.what_to_ask(party.settings, demand, restarts=restarts)
    attempt = attempts.new_attempt(
        provider=party.name,
        issuer=party.settings.issuer,
        next_path=next_path,
        purpose=purpose,
        account_id=account_id,
        asked={**(beside or {}), **asked.as_json()},
    )
    try:
        party.metadata()
        release()
        address = party.authorization_url(attempt, Hints(current_language(), login_hint, id_token_hint))
    except SignInFailed as failure:
        return failures.page(
            failure,
            provider=party.name,
            title=party.title,
            next_path=next_path,
            more_proof=purpose == "step_up",
        )
    attempts.write_down(attempt, browser.browser_id())
    return leave_for(address, party)


def leave_for(address: str, party: RelyingParty) -> ResponseReturnValue:
    """Send the browser to the provider.

    Our policy lets forms lead to the issuer's own origin and to those in `form_targets`. Browsers hold redirects after
    a form to it as well, so to another host of the provider there leads a page of ours that moves on by itself.
    """
    if origin_of(address) in _origins(party):
        return redirect(address, 303)
    answer = make_response(render("identity/go_on.html", address=address, provider=party.title))
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


def allow_leaving_for(party: RelyingParty) -> None:
    """The forms of this page lead to that provider: to all the hosts that its sign-in page is known to go through."""
    for origin in _origins(party):
        allow_form_target(origin)
    known = party.documents.known_metadata()
    if known is not None:  # its sign-in page may live on another host than its issuer
        allow_form_target(known.authorization_endpoint)


def allow_signing_out(provider: str) -> None:
    """The form that signs out stands on every page, and leads to the provider of the session."""
    party = next((each for each in all_parties() if each.name == provider), None)
    for url in party.settings.form_targets if party else ():
        allow_form_target(url)


def _origins(party: RelyingParty) -> set[str]:
    return {origin_of(url) for url in (party.settings.issuer, *party.settings.form_targets)}
