"""Coming back from a provider.

The one page that is fetched and yet writes. It has two visible transactions with the network between them: the first
uses the sign-in up, so that a copy of the callback finds nothing; the second lets the resident in.
"""

from typing import Final

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from portal.db.session import session
from portal.errors import Forbidden, NotFound
from portal.identity import failures, operations
from portal.identity.attempts import Attempt, NoAttempt, take_attempt
from portal.identity.device import family
from portal.identity.exchange import SignInFailed
from portal.identity.next_path import FRONT
from portal.identity.relying_party import Proven, RelyingParty, get_party
from portal.identity.sessions import current_session_or_none
from portal.web import browser, cookies
from portal.web.access import public
from portal.web.csrf import SESSION_COOKIE
from portal.web.languages import gettext as _
from portal.web.page import notify_next

bp = Blueprint("sign_in_callback", __name__)

LONGEST: Final = 2048


@bp.get("/auth/<provider>/callback")
@public
def callback(provider: str) -> ResponseReturnValue:
    """Finish a sign-in, or end on a page that helps."""
    party = get_party(provider)
    try:
        attempt = take_attempt(_one("state") or "", browser.find_browser_id(), provider=party.name)
    except (NoAttempt, SignInFailed) as error:
        session().commit()  # an attempt answered at the wrong address is used up all the same
        if current_session_or_none() is not None:
            return redirect(FRONT)  # the back button, a bookmark, the second of two tabs
        next_path = error.next_path if isinstance(error, NoAttempt) else FRONT
        return _failed(SignInFailed(error.code), party, next_path)
    session().commit()
    try:
        proven = party.prove(attempt, _code(party, attempt), _one("iss"))
    except SignInFailed as failure:
        operations.note_failure(party.name, failure.code)
        session().commit()
        return _failed(failure, party, attempt.next_path)
    return _let_in(proven, attempt.next_path)


def _code(party: RelyingParty, attempt: Attempt) -> str:
    """The authorization code, once the answer is known to come from the provider that was asked."""
    party.check_issuer(attempt, _one("iss"))
    error = _one("error")
    if error is not None:
        raise failures.from_error(error)
    code = _one("code")
    if not code:
        raise SignInFailed("code_missing")
    return code


def _one(name: str) -> str | None:
    """A parameter that may be there once. Raises SignInFailed when it is doubled or too long."""
    values = request.args.getlist(name)
    if len(values) > 1 or any(len(value) > LONGEST for value in values):
        raise SignInFailed("malformed")
    return values[0] if values else None


def _let_in(proven: Proven, next_path: str) -> ResponseReturnValue:
    old_browser = browser.browser_id()
    try:
        started = operations.start_session(
            proven,
            old_cookie=cookies.get(SESSION_COOKIE),
            old_browser=old_browser,
            new_browser=browser.renew(),
            device=family(request.user_agent.string),
        )
    except NotFound:
        raise Forbidden(_("This account is closed. Ring us if you want to use it again.")) from None
    session().commit()
    cookies.put(SESSION_COOKIE, started.cookie)
    if next_path in started.held_for:
        notify_next(_("What you were sending is in the form again. Check it, then send it."))
    answer = make_response(redirect(next_path, 303))
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address holds a code, though a used one
    return answer


def _failed(failure: SignInFailed, party: RelyingParty, next_path: str) -> ResponseReturnValue:
    answer = failures.page(failure, provider=party.name, title=party.title, next_path=next_path)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
