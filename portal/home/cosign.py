"""Pages for a second person who is asked to sign. Opening the link of the mail does nothing: only the button does.

They show what somebody else has sent us. So they are for the person who was asked alone: staff in their place see none.
"""

from typing import Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.cases import cosigning, cosignings
from portal.cases.talk_values import Cosigning
from portal.cases.types import find_type
from portal.db.session import commits
from portal.errors import Conflict, Refused
from portal.home.task_forms import CosignForm
from portal.identity.hold import refuse_while_held
from portal.identity.sessions import current_account
from portal.web.forms import Form
from portal.web.languages import gettext as _
from portal.web.page import render, warn_next

ANSWERS: Final = {"signed": "sign", "declined": "decline"}
"""How an invitation ends, and the answer that ends it so."""

bp = Blueprint("cosign", __name__, url_prefix="/signatures", template_folder="templates")


@bp.get("")
def signatures() -> str:
    """What this person was asked to sign by others, newest first. `before` is where the last page ended."""
    found, older = cosignings.signed_by(current_account().id, before=request.args.get("before"))
    lines = [(each, title_of(each)) for each in found]
    return render("home/cosign/list.html", lines=lines, older=older, now=clock.now())


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@commits
def invitation(token: str) -> ResponseReturnValue:
    """The page behind the link: GET shows a button, POST binds the invitation to this account."""
    account = current_account()
    try:
        found = cosigning.find_invitation(account, token)
    except Refused as refusal:
        return render("home/cosign/own.html", sentence=refusal.sentence), 403
    if found is None:
        return render("home/cosign/link_dead.html"), 410
    if Form().accepted():
        taken = cosigning.take_up(account, token)
        return redirect(url_for(".cosigning_page", cosigning_id=taken.id))
    return render("home/cosign/invitation.html", asked_by=found.asked_by)


@bp.route("/<uuid:cosigning_id>", methods=["GET", "POST"])
@commits
def cosigning_page(cosigning_id: UUID) -> ResponseReturnValue:
    """What is to be signed, all of it, and the answer; afterwards what was signed and when."""
    account = current_account()
    found = cosignings.get_cosigning(account.id, cosigning_id)
    form = CosignForm()
    if found.state == "asked" and form.accepted():
        refuse_while_held()  # whoever came in with what was stolen shall not sign
        answer = cosigning.sign if form.answer.data == "sign" else cosigning.decline
        try:
            answer(account, found.id)
        except Conflict as conflict:
            found = cosignings.get_cosigning(account.id, cosigning_id)  # as it is now: the form may be gone with it
            form.refuse(conflict.sentence)
        else:
            return redirect(url_for(".cosigning_page", cosigning_id=found.id))
    elif found.state in ANSWERS and form.accepted():
        if ANSWERS[found.state] != form.answer.data:
            warn_next(_("You had answered this before. Your first answer stands, and nothing was changed."))
        return redirect(url_for(".cosigning_page", cosigning_id=found.id))
    can_answer = found.is_open(clock.now())
    return render("home/cosign/page.html", cosigning=found, form=form, title=title_of(found), can_answer=can_answer)


def title_of(found: Cosigning) -> str:
    """What kind of thing it belongs to, in the reader's language."""
    case_type = find_type(found.service, found.type)
    return str(case_type.title) if case_type else _("Something that you were asked to sign")
