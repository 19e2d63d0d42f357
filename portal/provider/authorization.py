"""The authorization endpoint (RFC 6749 3.1, OpenID Connect Core 3.1.2) and the one for pushed requests (RFC 9126)."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import commits, session
from portal.provider import (
    answers,
    consent,
    id_tokens,
    levels,
    one_login,
    one_login_identity,
    onward,
    parameters,
    pushed,
    request_objects,
)
from portal.provider.browser_login import current_login, note_use, was_made_for
from portal.provider.client_authentication import authenticate
from portal.provider.granting import hand_out_code
from portal.provider.onward import Onward
from portal.provider.parameters import Asked, BadRequest, ProtocolError
from portal.provider.queries import CurrentLogin
from portal.provider.refusals import Refusal
from portal.provider.state import provider
from portal.provider.subjects import subject_of
from portal.provider.token import no_store, plain_form, refused
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.languages import LANGUAGES
from portal.web.page import has_page

bp = Blueprint("authorization", __name__)

SIGN_IN: Final = "pages.sign_in"
SECOND_STEP: Final = "pages.second_step"
CONSENT: Final = "consent.ask"
IDENTITY: Final = "one_login.prove"
LONGEST_ADDRESS: Final = 4000
"""Of an address that we send a browser to. Our own server takes twice as much; what stands before it may not."""
TOO_LONG: Final = "the request is too long; push it instead"
UNMET: Final = "unmet_authentication_requirements"


@bp.get("/authorize")
@public
@commits
def authorize() -> ResponseReturnValue:
    """Answer a client's request: with a code, with an error at its own address, or by asking the person first.

    Writes although it is a GET: this is how the protocol hands out codes. `to` is a request of ours that comes back
    from one of our pages. A look by HEAD has no answer: it would be a code that nobody reads.
    """
    if request.method == "HEAD":
        return Response()
    waiting, sent = onward.opened(request.args.get("to")), request.args
    asked = waiting.asked if waiting else None
    try:
        if waiting is not None:
            return _answer(waiting.asked, waiting)
        if pushed.is_named(sent):
            asked = pushed.take(sent)
        else:
            asked = parameters.read(sent)
            asked = request_objects.unwrapped(asked)
            asked = _checked(asked, signed="request" in sent)
        return _answer(asked, None)
    except BadRequest as error:
        return answers.bad_request(str(error))
    except ProtocolError as error:
        assert asked is not None  # whoever raises it has been told where the answer goes
        return answers.refused(asked, error)


@bp.post("/authorize")
@public
@exempt
@commits
def authorize_by_post() -> ResponseReturnValue:
    """The same request in a body. Asked again by GET: a form of another site brings no Lax cookies.

    What we do not know is left behind. What is too long for an address is kept, if the client has signed it: nobody
    else can have us keep anything.
    """
    sent = parameters.known(request.form)
    address = f"{url_for('.authorize')}?{urlencode(list(sent.items(multi=True)))}"
    if len(address) <= LONGEST_ADDRESS:
        return redirect(address, 303)
    asked = None
    try:
        asked = parameters.read(sent)
        if "request" not in asked.values:
            raise ProtocolError("invalid_request", TOO_LONG)
        signed = asked.values["request"]
        asked = request_objects.unwrapped(asked)
        asked = _checked(asked, signed=True)
        named = {"client_id": asked.client.client_id, "request_uri": pushed.keep(asked, signed=signed)}
        return redirect(f"{url_for('.authorize')}?{urlencode(named)}", 303)
    except BadRequest as error:
        return answers.bad_request(str(error))
    except ProtocolError as error:
        assert asked is not None  # as above
        return answers.refused(asked, error)


@bp.post("/par")
@public
@exempt
def push() -> Response:
    """Take a request from the client itself, check all of it now, and give it a name that works once."""
    try:
        form = plain_form(request.form)
        client = authenticate(request.headers, form)
        session().commit()  # its proof is used up whatever comes next, and its keys may have to be fetched
        asked = _pushed({**form, "client_id": client.client_id})
        answer = jsonify(request_uri=pushed.keep(asked), expires_in=int(pushed.LIFETIME.total_seconds()))
        answer.status_code = 201
    except BadRequest as error:
        answer = refused(Refusal("invalid_request", str(error)))
    except ProtocolError as error:
        answer = refused(Refusal(error.error, error.description))
    except Refusal as refusal:
        answer = refused(refusal)
    session().commit()
    return no_store(answer)


def _checked(asked: Asked, *, signed: bool) -> Asked:
    """What has come by way of the browser, in an address or in a body."""
    shape = provider().shape
    asked = one_login.checked(asked, signed=signed) if shape.proves_identities else parameters.checked(asked)
    if asked.client.require_pushed_request:
        raise ProtocolError("invalid_request", "this client must push its requests")
    return asked


def _pushed(form: dict[str, str]) -> Asked:
    if "request_uri" in form:
        raise ProtocolError("invalid_request", "request_uri cannot be pushed")
    return parameters.checked(request_objects.unwrapped(parameters.read(MultiDict(form))))


def _answer(asked: Asked, waiting: Onward | None) -> ResponseReturnValue:
    """Through the questions in their order: who, how surely, with their consent; then the code."""
    login = current_login()
    if login is None or not _will_do(login, asked, waiting):
        return _ask(asked, waiting, SIGN_IN, "login_required")
    if not _is_sure_enough(login, asked, waiting):
        return _ask(asked, waiting, SECOND_STEP, "interaction_required")
    if not _may_learn(login, asked, waiting):
        return _ask(asked, waiting, CONSENT, "consent_required")
    if not _is_proven_enough(login, asked, waiting):
        return _ask(asked, waiting, IDENTITY, "interaction_required")
    if waiting is not None:
        onward.spend(waiting)
    code = hand_out_code(asked, login)
    note_use(login)
    return answers.with_code(asked, code)


def _will_do(login: CurrentLogin, asked: Asked, waiting: Onward | None) -> bool:
    """Whether this sign-in answers the request: recent enough, and of the person that it is about."""
    # Signed in because of this very request: however short max_age is, asking again would never end.
    age = clock.now() - login.auth_at
    just_now = waiting is not None and age <= onward.JUST_NOW and was_made_for(login, waiting.sealed)
    # `max_age=0` is another way to say `prompt=login`, even within the same instant.
    too_old = asked.max_age is not None and (asked.max_age == 0 or age > timedelta(seconds=asked.max_age))
    if not just_now and (too_old or asked.prompts & {"login", "select_account"}):
        return False
    is_meant = _is_meant(login, asked)
    if just_now and not is_meant:
        raise ProtocolError("login_required", "another person has signed in")
    return is_meant


def _is_meant(login: CurrentLogin, asked: Asked) -> bool:
    """Whether the client means this person, if it means anybody."""
    sub = asked.claims.sub
    if sub is not None and sub != subject_of(login.person_id, asked.client):
        return False
    token = asked.values.get("id_token_hint")
    if token is None:
        return True
    hint = id_tokens.read_hint(token)
    if hint is None:
        raise ProtocolError("invalid_request", "id_token_hint is not a token of ours")
    if hint.client.sector != asked.client.sector:
        # Else a client could try out whether somebody whom it knows is whom another knows.
        raise ProtocolError("invalid_request", "id_token_hint was given to a client that knows people by other ids")
    return hint.person_id == login.person_id


def _is_sure_enough(login: CurrentLogin, asked: Asked, waiting: Onward | None) -> bool:
    """Whether the sign-in reaches the level asked for, or had better be taken as it is.

    A level asked for by `acr_values` is a wish (Core 3.1.2.1): who cannot take the second step goes on without it,
    and the ID token says what was reached. Asked for as an essential claim, it is a condition (Core 5.5.1.1).
    """
    if provider().shape.proves_identities:
        wanted = one_login.levels_wanted(asked)
        essential = bool(wanted)
    else:
        essential = asked.claims.acr_is_essential and bool(asked.claims.acr)
        wanted = asked.claims.acr or tuple(asked.values.get("acr_values", "").split())
    if levels.reaches(login.amr, wanted) or not (essential or levels.known(wanted)):
        return True
    declined = waiting is not None and onward.DECLINED in request.args
    out_of_reach = not levels.known(wanted) or not has_page(SECOND_STEP) or declined
    if essential and out_of_reach:
        raise ProtocolError(UNMET, "the level asked for cannot be reached")
    return not essential and (out_of_reach or "none" in asked.prompts)


def _is_proven_enough(login: CurrentLogin, asked: Asked, waiting: Onward | None) -> bool:
    """Whether nothing is left to find out about who the person is. Asked for in the shape of One Login alone."""
    if not provider().shape.proves_identities:
        return True
    return one_login_identity.is_settled(login.person_id, asked, waiting.asked_at if waiting else None)


def _may_learn(login: CurrentLogin, asked: Asked, waiting: Onward | None) -> bool:
    """Whether the person has allowed the client what it asks for, or need not be asked."""
    asks_again = "consent" in asked.prompts
    if not asked.client.consent and not asks_again:
        return True
    given = consent.find_given(login.person_id, asked.client.client_id)
    if given is None or not given.covers(asked):
        return False
    return not asks_again or (waiting is not None and given.given_at >= waiting.asked_at)


def _ask(asked: Asked, waiting: Onward | None, endpoint: str, error: str) -> ResponseReturnValue:
    """To one of our pages, the request taken along; or the error that says which page would have been needed."""
    if "none" in asked.prompts:
        raise ProtocolError(error, "prompt is none, and the person would have to be asked")
    # A request that comes back keeps its seal: by it is known that the person signed in for this very request.
    sealed = request.args["to"] if waiting is not None else onward.seal(asked)
    if len(sealed) > onward.LONGEST:
        raise ProtocolError("invalid_request", TOO_LONG)
    more = _language(asked) | ({onward.DECLINED: "1"} if onward.DECLINED in request.args else {})
    return redirect(f"{url_for(endpoint)}?{onward.query(sealed, **more)}", 303)


def _language(asked: Asked) -> dict[str, str]:
    """The first of the languages asked for that we speak. The person's own choice later wins."""
    tags = (tag.partition("-")[0].lower() for tag in asked.values.get("ui_locales", "").split())
    language = next((tag for tag in tags if tag in LANGUAGES), None)
    return {"lang": language} if language and not request.args.get("to") else {}
