"""What happens when somebody has proved who they are: by the purpose for which they went to the provider.

Everything here is one transaction, which the callback commits.
"""

from dataclasses import replace
from typing import Final

from flask import g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import claims as worth
from portal.accounts.identities import find_owner, is_other_person
from portal.audit import operations as audit
from portal.errors import Forbidden, NotFound
from portal.identity import attempts, devices, linking, operations, proving, recovery, staff_door
from portal.identity.attempts import Attempt
from portal.identity.device import family
from portal.identity.exchange import SignInFailed
from portal.identity.relying_party import Proven, RelyingParty
from portal.identity.sessions import Session, after_waiting, current_session_or_none
from portal.web import browser, cookies
from portal.web.csrf import SESSION_COOKIE
from portal.web.languages import gettext as _
from portal.web.page import render

FOR_A_SESSION: Final = ("link", "step_up")
"""What is done for a session of this browser looks itself whether that is still there, and says so on its own page."""


def arrive(proven: Proven, attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """Let the person in, or do what else they went there for. Raises SignInFailed.

    Locks are taken in the order of the lines: what this browser began, logouts of this person, the account.
    """
    browser_hash = attempts.still_wanted(attempt)
    if browser_hash is None and (current_session_or_none() is None or attempt.purpose not in FOR_A_SESSION):
        raise SignInFailed("signed_out_here_meanwhile")
    if browser_hash is not None:
        attempt = replace(attempt, browser_hash=browser_hash)
    for_staff = party.settings.people == "staff"
    if for_staff != (attempt.purpose == "staff"):
        raise SignInFailed("other_people")  # the settings have changed on the way: neither a resident nor staff
    if for_staff:
        return staff_door.get_door().arrive(proven, attempt, party)
    if attempt.purpose == "link":
        return linking.link(proven, attempt, party)
    owner = operations.hold_still(proven)
    if owner is not None and attempt.purpose != "step_up":  # whose session was ended meanwhile gets a page of its own
        operations.refuse_if_all_ended(owner, proven)
    recovery.refuse_old_sign_in(proven)
    if _is_other_person(proven):
        return _other_person(attempt, party)
    if attempt.purpose == "step_up":
        return _step_up(proven, attempt, party)
    held = proving.prove(proven, attempt) if attempt.purpose == "prove" else proving.hold_back(proven, attempt)
    return held if held is not None else let_in(proven, attempt)


def let_in(proven: Proven, attempt: Attempt, *, continues: Session | None = None) -> ResponseReturnValue:
    """Begin a session and go on to where they wanted. `continues` is one that this one takes the place of."""
    old_browser = browser.browser_id()
    try:
        started = operations.start_session(
            proven,
            old_cookie=cookies.get(SESSION_COOKIE),
            old_browser_hash=attempt.browser_hash,
            new_browser=browser.renew(),
            device=family(request.user_agent.string),
            continues=continues,
        )
    except SignInFailed:
        browser.keep(old_browser)  # nothing has come of it: what other tabs have begun still counts
        raise
    except NotFound:
        browser.keep(old_browser)
        raise Forbidden(_("This account is closed. Ring us if you want to use it again.")) from None
    cookies.put(SESSION_COOKIE, started.cookie)
    devices.note_sign_in(
        started.account,
        session_id=started.session_id,
        provider=proven.provider,
        device=family(request.user_agent.string),
    )
    return redirect(attempt.next_path, 303)


def sign_out(attempt: Attempt) -> None:
    """End the session that the attempt was begun in."""
    live = current_session_or_none()
    if live is None or live.account.id != attempt.account_id:
        return
    operations.end_session(live.id, live.account.id, browser=browser.find_browser_id())
    cookies.drop(SESSION_COOKIE)
    g.pop("signed_in_as", None)


def _step_up(proven: Proven, attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """More proof, from the same person alone: by this identity or by another one of the same account.

    When their session has run out meanwhile they have at any rate signed in.
    """
    live = current_session_or_none()
    if find_owner(issuer=proven.issuer, subject=proven.subject) != attempt.account_id:
        return _somebody_else(attempt, party)
    if live is not None and live.account.id != attempt.account_id:
        return _somebody_else(attempt, party)  # somebody has signed in here in another tab since
    continued = after_waiting(live) if live is not None else None
    if live is not None and continued is None:
        return _ended_meanwhile(attempt, party)
    return let_in(proven, attempt, continues=continued)


def _ended_meanwhile(attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """Somebody has signed this browser out while its proof was being looked at: what it was for is gone."""
    operations.note_failure(party.name, "session_ended")
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    return redirect(url_for("identity.sign_in", next=attempt.next_path, why="elsewhere"), 303)


def _is_other_person(proven: Proven) -> bool:
    """Whether their date of birth, checked there just now, is not the one that another provider has checked.

    A way in may have been linked by a mailbox alone, whoever reads it; what was checked for the owner is not for them.
    """
    level = proven.assurance.name.lower()
    born = worth.birthdate(worth.verified(proven.claims, level))
    owner = find_owner(issuer=proven.issuer, subject=proven.subject) if born is not None else None
    if owner is None or not is_other_person(owner, born, own=proven.issuer):
        return False
    audit.record(
        "identity.other_person_refused", actor="system:identity", account_id=owner, issuer=proven.issuer, level=level
    )
    return True


def _other_person(attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """Nobody is let in and nothing is written down. Which of the two is right only the council can find out."""
    operations.note_failure(party.name, "other_person")
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    return make_response(render("identity/other_person.html", provider=party.title, next_path=attempt.next_path), 403)


def _somebody_else(attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """The session stays as it is, and the page shows nothing of it: we do not know who is looking."""
    operations.note_failure(party.name, "another_person")
    g.pop("signed_in_as", None)
    g.pop("time_left", None)
    page = render("identity/somebody_else.html", provider=party.title, next_path=attempt.next_path)
    return make_response(page, 403)
