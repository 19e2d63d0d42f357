"""Where the stand-in is told what becomes of messages: a page for people, and the same for programs."""

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.notify.standin import store
from portal.notify.standin.behaviour import Behaviour
from portal.standins.panel import taken
from portal.web import csrf
from portal.web.access import public
from portal.web.forms import Form, RadioField
from portal.web.languages import lazy_gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("notify_panel", __name__, template_folder="templates")


class BehaviourForm(Form):
    """What may be chosen on the page. Programs may say more."""

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
    limits = RadioField(
        _("How many it takes in a day"),
        choices=[("usual", _("As many as Notify does")), ("spent", _("No more today"))],
        required=_("Choose how many it takes in a day"),
    )


@bp.route("/", methods=["GET", "POST"])
@public
@commits
def panel() -> ResponseReturnValue:
    """How it behaves, to read and to change."""
    told = Behaviour.model_validate(store.how())
    form = BehaviourForm(told.model_dump())
    if form.accepted():
        store.tell(Behaviour.model_validate(told.model_dump() | form.data).model_dump())
        notify_next(_("The stand-in now behaves as you said."))
        return redirect(url_for(".panel"), 303)
    return render("standin/panel.html", form=form)


@bp.route("/control", methods=["PUT"])
@public
@csrf.exempt
@commits
def tell() -> Response:
    """The same for programs. JSON alone, which no page of a stranger can send here."""
    return taken(Behaviour, lambda told: store.tell(told.model_dump()))
