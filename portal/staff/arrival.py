"""Somebody has come back from a provider for staff, proven: let them in to the desk, whatever they may do there."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from portal.audit import operations as audit
from portal.identity.attempts import Attempt
from portal.identity.exchange import SignInFailed
from portal.identity.logout_tokens import LogoutToken
from portal.identity.logouts import meant_among
from portal.identity.relying_party import Proven, RelyingParty
from portal.staff import operations
from portal.staff.claims import person_in
from portal.staff.models import StaffSessionRow
from portal.staff.sessions import COOKIE
from portal.web import browser, cookies
from portal.web.languages import current_language


def arrive(proven: Proven, attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """Begin a session at the desk and go on to where they wanted. Raises SignInFailed.

    Who is in no group that has a right comes in all the same, and reads whom to ask: sent back to the sign-in page
    they would try for ever.
    """
    person = person_in(proven.claims, party.settings.groups_claim)
    old_browser = browser.browser_id()
    try:
        started = operations.start_session(
            proven,
            person,
            old_cookie=cookies.get(COOKIE),
            old_browser_hash=attempt.browser_hash,
            new_browser=browser.renew(),
            language=current_language(),
        )
    except SignInFailed:
        browser.keep(old_browser)
        raise
    cookies.put(COOKIE, started.cookie)
    return redirect(f"{request.script_root}{attempt.next_path}", 303)


def log_out(party: RelyingParty, token: LogoutToken) -> int:
    """End the sessions at the desk that the provider's logout token names; how many."""
    ended = operations.end_those(meant_among(StaffSessionRow, party.settings.issuer, token), why="logged_out")
    for session_id in ended:
        audit.record("staff.told_to_end", actor=f"provider:{party.name}", subject=f"staff_session:{session_id}")
    return len(ended)
