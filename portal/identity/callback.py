"""Coming back from a provider.

The one page that is fetched and yet writes. It has two visible transactions with the network between them: the first
uses the sign-in up, so that a copy of the callback finds nothing; the second lets the resident in.

With `response_mode=form_post` the provider's own page sends the answer to us, from another site, and browsers leave
our cookies out of that. So a small page of ours sends it once more, from here to here. The code stays in the bodies of
forms all the way; leading the browser on with it in an address would put it into histories and logs after all.
"""

from datetime import timedelta
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import session
from portal.identity import arrival, asking, failures, operations, recovery
from portal.identity.assurance import Demand
from portal.identity.attempts import Attempt, NoAttempt, take_attempt
from portal.identity.exchange import SignInFailed
from portal.identity.leaving import logout_address
from portal.identity.next_path import FRONT
from portal.identity.relying_party import RelyingParty, get_party
from portal.identity.sessions import current_session_or_none
from portal.identity.setting_out import set_out
from portal.identity.step_up import hint_for
from portal.web import browser
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.page import render

bp = Blueprint("sign_in_callback", __name__)

LONGEST: Final = 2048
ANSWERS: Final = ("state", "code", "iss", "error")
"""The parts of an answer that mean anything to us."""
FROM_HERE: Final = "again"
MOST_RESTARTS: Final = 1
"""How often we start over by ourselves before a person is asked: a loop that nobody sees helps nobody."""
AFTER_A_REPORT: Final = timedelta(minutes=1)
"""How fresh a sign-in to a held account is asked for. Whether it is later than the report is looked at besides."""


@bp.get("/auth/<provider>/callback")
@public
def callback(provider: str) -> ResponseReturnValue:
    """Finish a sign-in, or end on a page that helps."""
    return _told(_arrive(get_party(provider)))


@bp.post("/auth/<provider>/callback")
@public
@exempt
def callback_by_post(provider: str) -> ResponseReturnValue:
    """The same in the body of a form, which `state` and the browser's cookie prove to be wanted."""
    party = get_party(provider)
    if party.settings.response_mode != "form_post":
        return _told(_failed(SignInFailed("response_mode"), party, FRONT))
    if FROM_HERE in request.form:
        return _told(_arrive(party))
    try:
        answer = {name: value for name in ANSWERS if (value := _one(name)) is not None}
    except SignInFailed as failure:
        return _told(_failed(failure, party, FRONT))
    return _told(render("identity/send_on.html", answer=answer, mark=FROM_HERE))


def _arrive(party: RelyingParty) -> ResponseReturnValue:
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
        answer = arrival.arrive(proven, attempt, party)
    except SignInFailed as failure:
        session().rollback()
        return _not_proven(failure, party, attempt)
    session().commit()
    return answer


def _not_proven(failure: SignInFailed, party: RelyingParty, attempt: Attempt) -> ResponseReturnValue:
    operations.note_failure(party.name, failure.code)
    asked = asking.read_asked(attempt.asked)
    if _can_be_mended(failure, party, asked):
        fresh = AFTER_A_REPORT if failure.code in recovery.NOT_SINCE else timedelta(seconds=asked.fresh or 0)
        answer = set_out(
            party,
            next_path=attempt.next_path,
            purpose=attempt.purpose,
            account_id=attempt.account_id,
            demand=Demand(asked.level, fresh),
            id_token_hint=_whom_we_mean(failure, party, attempt),
            restarts=asked.restarts + 1,
            beside=attempt.asked,
        )
        session().commit()
        return answer
    if failure.code == "provider_login_required" and attempt.purpose == "step_up":
        arrival.sign_out(attempt)  # who cannot prove it anew is not to stay signed in either
    session().commit()
    if failure.code == "provider_access_denied" and asked.identity:
        failure = SignInFailed("identity_access_denied")  # One Login's word for an identity that is not proven (yet)
    if failure.code == "provider_login_required" and asked.restarts and attempt.purpose != "step_up":
        failure = SignInFailed("asked_auth_time_old")  # somebody else is signed in there
    if failure.code == "asked_auth_time_missing" and asked.restarts and attempt.purpose in ("sign_in", "prove"):
        failure = SignInFailed(recovery.TIMELESS_SIGN_IN)  # a plain sign-in is only ever asked anew after a report
    return _failed(failure, party, attempt.next_path, more_proof=attempt.purpose == "step_up")


def _whom_we_mean(failure: SignInFailed, party: RelyingParty, attempt: Attempt) -> str | None:
    """Whom the provider shall ask anew: who is signed in here, or else whoever has just come back from it.

    One Login asks again only when `prompt=login` says whom.
    """
    hint = hint_for(party) if attempt.purpose == "step_up" else None
    return hint or failure.id_token


def _can_be_mended(failure: SignInFailed, party: RelyingParty, asked: asking.Asked) -> bool:
    """Whether it failed only because the provider knew them from before, and it can be asked to make sure anew."""
    if asked.restarts >= MOST_RESTARTS or not asking.can_renew(party.settings):
        return False
    return failure.code == "asked_auth_time_old" or failure.code in recovery.NOT_SINCE


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
    sent = request.form if request.method == "POST" else request.args
    values = sent.getlist(name)
    if len(values) > 1 or any(len(value) > LONGEST for value in values):
        raise SignInFailed("malformed")
    return values[0] if values else None


def _failed(
    failure: SignInFailed, party: RelyingParty, next_path: str, *, more_proof: bool = False
) -> ResponseReturnValue:
    return failures.page(
        failure,
        provider=party.name,
        title=party.title,
        next_path=next_path,
        more_proof=more_proof,
        way_out=logout_address(party, failure.id_token, back=url_for("identity.signed_out")),
    )


def _told(answer: ResponseReturnValue) -> ResponseReturnValue:
    """No other page hears of this address: it may hold a code, though a used one."""
    whole = make_response(answer)
    whole.headers["Referrer-Policy"] = "no-referrer"
    return whole
