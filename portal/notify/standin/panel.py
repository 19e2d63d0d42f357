"""Where the stand-in is told how to behave: a page for people, and the same for programs."""

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from portal.db.session import commits
from portal.notify.standin import store
from portal.notify.standin.api import current_behaviour
from portal.notify.standin.behaviour import Behaviour
from portal.web import csrf
from portal.web.access import public
from portal.web.forms import Form, RadioField
from portal.web.languages import lazy_gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("notify_panel", __name__, template_folder="templates")


class BehaviourForm(Form):
    """What may be chosen on the page. Programs may say more."""

    answers = RadioField(
        _("When a message comes in"),
        choices=[
            ("right", _("Take it")),
            ("slow", _("Take it, after 12 seconds")),
            ("unsaid", _("Take it, then break before saying so")),
            ("down", _("Be down")),
            ("wrong", _("Answer with something else")),
            ("busy", _("Say that too many came in this minute")),
            ("spent", _("Say that too many came in today")),
        ],
        required=_("Choose what happens when a message comes in"),
    )
    fate = RadioField(
        _("What becomes of messages"),
        choices=[
            ("delivered", _("They arrive")),
            ("temporary-failure", _("They cannot be delivered for now")),
            ("permanent-failure", _("Nobody is at the address")),
            ("technical-failure", _("The network fails")),
        ],
        required=_("Choose what becomes of messages"),
    )
    receipts = RadioField(
        _("Delivery receipts"),
        choices=[
            ("soon", _("After a second")),
            ("late", _("After 12 seconds")),
            ("twice", _("Each twice")),
            ("mixed", _("Out of order")),
            ("never", _("Never")),
        ],
        required=_("Choose when receipts are sent"),
    )


@bp.route("/", methods=["GET", "POST"])
@public
@commits
def panel() -> ResponseReturnValue:
    """How it behaves, to read and to change."""
    form = BehaviourForm(current_behaviour().model_dump())
    if form.accepted():
        store.tell(Behaviour.model_validate(form.data).model_dump())
        notify_next(_("The stand-in now behaves as you said."))
        return redirect(url_for(".panel"), 303)
    return render("standin/panel.html", form=form)


@bp.route("/control", methods=["PUT"])
@public
@csrf.exempt
@commits
def tell() -> Response:
    """The same for programs. JSON alone, which no page of a stranger can send here."""
    if request.mimetype != "application/json":
        return Response(status=415)
    try:
        told = Behaviour.model_validate_json(request.get_data())
    except ValidationError as error:
        answer = jsonify(wrong=sorted({".".join(map(str, fault["loc"])) for fault in error.errors()}))
        answer.status_code = 400
        return answer
    store.tell(told.model_dump())
    return jsonify(told.model_dump())
