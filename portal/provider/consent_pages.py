"""The pages on which people allow a service to learn about them, see what they have allowed, and take it back."""

import uuid
from collections.abc import Collection
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.errors import NotFound
from portal.provider import answers, browser_login, consent, onward
from portal.provider.clients import OFFLINE
from portal.provider.forms import PressForm
from portal.provider.parameters import Asked, ProtocolError
from portal.provider.queries import find_client
from portal.web.access import public
from portal.web.headers import allow_form_target
from portal.web.languages import Lazy, current_language, lazy_gettext
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("consent", __name__)

WORDS: Final[dict[Lazy, set[str]]] = {
    lazy_gettext("your name"): {"name", "given_name", "family_name"},
    lazy_gettext("your date of birth"): {"birthdate"},
    lazy_gettext("which groups you belong to at work"): {"groups"},
    lazy_gettext("your email address"): {"email", "email_verified"},
    lazy_gettext("your telephone number"): {"phone_number", "phone_number_verified"},
}
"""What a person reads, and the claims that it stands for."""


@bp.route("/consent", methods=["GET", "POST"])
@public
@commits
def ask() -> ResponseReturnValue:
    """Name the client and what it would learn. Whatever the person says is said for this very request."""
    waiting, login = onward.opened(request.args.get("to")), browser_login.seen_login()
    if waiting is None:
        return redirect(url_for("pages.signed_in"), 303)
    if login is None:
        return redirect(_request_again(), 303)
    allow_form_target(waiting.asked.redirect_uri)
    form = PressForm()
    if form.accepted():
        answer = _answered(waiting.asked, login.person_id)
        if answer is not None:
            return answer
    return render(
        "provider/consent.html",
        form=form,
        title=waiting.asked.client.title_in(current_language()),
        email=login.email,
        learns=in_words(consent.wanted_claims(waiting.asked)),
        stays=OFFLINE in waiting.asked.scope.split(),
    )


def _answered(asked: Asked, person_id: uuid.UUID) -> ResponseReturnValue | None:
    """What follows one of the two buttons. Without one the page is shown again, and nothing is allowed."""
    match request.form.getlist("answer"):
        case ["allow"]:
            consent.allow(person_id, asked)
            return redirect(_request_again(), 303)
        case ["refuse"]:
            consent.refuse(person_id, asked)
            return answers.refused(asked, ProtocolError("access_denied", "the person has refused"))
    return None


def _request_again() -> str:
    carried = {name: request.args[name] for name in ("to", onward.DECLINED) if name in request.args}
    return f"{url_for('authorization.authorize')}?{urlencode(carried)}"


@bp.get("/consents")
@public
def consents() -> ResponseReturnValue:
    """Every service that the person has allowed to learn about them."""
    login = browser_login.seen_login()
    if login is None:
        return redirect(url_for("pages.sign_in", then="consents"), 303)
    allowed = [(each, in_words(each.names)) for each in consent.allowed_by(login.person_id)]
    return render("provider/consents.html", allowed=allowed)


@bp.post("/consents/<client_id>")
@public
@commits
def take_back(client_id: str) -> ResponseReturnValue:
    """Take a consent back, and with it what the service could still look up."""
    login = browser_login.seen_login()
    if login is None:
        return redirect(url_for("pages.sign_in", then="consents"), 303)
    client = find_client(client_id)
    if client is None:
        raise NotFound
    consent.take_back(login.person_id, client)
    notify_next(_("%(title)s can no longer look up your details.", title=client.title_in(current_language())))
    return redirect(url_for(".consents"), 303)


def in_words(names: Collection[str]) -> list[str]:
    """What these claims tell, in words, each once."""
    return [str(words) for words, claims in WORDS.items() if claims & set(names)]
