"""What an application needs of this room: the templates of its letters, and its jobs."""

from typing import Final

from flask import Blueprint, Flask

from portal.payments import asking_again, events, forgetting, reconciling, refunding
from portal.web.headers import allow_form_targets
from portal.web.state import web_state

JOBS: Final = (
    asking_again.ask,
    asking_again.again,
    asking_again.tell_again,
    events.tidy,
    forgetting.let_go,
    reconciling.reconcile_lately,
    refunding.send,
    refunding.again,
    refunding.tell_again,
)
"""To name them here is what makes them known to the worker."""


def install(app: Flask) -> None:
    """Let this application find our letters. The room has no pages: those are in `portal.home` and `portal.desk`.

    Whatever page a payer presses a button on, browsers follow it to the card pages only where its policy says so.
    """
    app.register_blueprint(Blueprint("payment_letters", __name__, template_folder="templates"))
    pay = web_state(app).settings.pay
    if pay.is_set:
        allow_form_targets(app, *pay.card_pages)
