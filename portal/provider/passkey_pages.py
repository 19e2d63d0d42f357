"""Signing in with a passkey, nothing typed: what the browser's script asks for, and the form that it sends."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

from portal.audit import operations as audit
from portal.db.session import commits
from portal.provider import factors, passkeys, tries
from portal.provider.arriving import address, arrive
from portal.provider.models import Person
from portal.provider.passkeys import NotAccepted, Recognised
from portal.web.access import public
from portal.web.languages import current_language, format_date
from portal.web.state import StaticFile, web_state

bp = Blueprint("passkeys", __name__)

SCRIPT = "passkeys.js"


def install(app: Flask) -> None:
    """The pages, and the script among the theme's files: the provider alone has it."""
    app.register_blueprint(bp)
    content = Path(__file__).with_name("static").joinpath(SCRIPT).read_bytes()
    web_state(app).static_files[SCRIPT] = StaticFile(content, sha256(content).hexdigest()[:12], "text/javascript")
    app.jinja_env.globals["passkeys_offered"] = passkeys.offered


@bp.get("/passkeys/options")
@public
def options() -> Response:
    """A new challenge, for any passkey of ours."""
    return as_json(passkeys.options_to_use(passkeys.SIGN_IN))


@bp.post("/passkeys/sign-in")
@public
@commits
def sign_in() -> ResponseReturnValue:
    """The device's answer. It proves two factors at once, so no second step follows."""
    tries.count_passkey()
    try:
        known = passkeys.recognise(request.form.get("answer", ""), purpose=passkeys.SIGN_IN)
    except NotAccepted as refused:
        note_refusal(refused)
        return redirect(with_refusal(address("pages.sign_in")), 303)
    return arrive(known.person, amr=known.amr)


def answered(person: Person) -> Recognised | None:
    """This person's passkey at the second step, or None when it does not count."""
    try:
        answer = request.form.get("answer", "")
        return passkeys.recognise(answer, purpose=passkeys.SECOND_STEP, person_id=person.id)
    except NotAccepted as refused:
        note_refusal(refused)
        return None


def note_refusal(refused: NotAccepted) -> None:
    """Into the audit trail; and when a passkey seems to have been copied, its owner hears of it."""
    passkey = refused.passkey
    subject = f"passkey:{passkey.id}" if passkey is not None else "passkey:unknown"
    audit.record("provider.passkey_refused", actor="system:provider", subject=subject, reason=refused.reason)
    if passkey is not None and refused.reason == "counter":
        factors.tell_owner(passkey.person_id, "copied", language=current_language(), saved=format_date(passkey.made_at))


def with_refusal(page: str) -> str:
    """The address of a page that then says that the passkey did not work."""
    return f"{page}{'&' if '?' in page else '?'}passkey=refused"


def was_refused() -> bool:
    """Whether this page should say so."""
    return request.method == "GET" and request.args.get("passkey") == "refused"


def as_json(options: dict[str, Any]) -> Response:
    """Options for the script. They hold a challenge, so nobody keeps them."""
    return Response(json.dumps(options), mimetype="application/json", headers={"Cache-Control": "no-store"})
