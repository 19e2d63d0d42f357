"""One calendar over all services, and the page of its secret address."""

from itertools import groupby

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from portal.db.session import commits
from portal.home import feeds
from portal.home.days import days_of
from portal.identity.guard import RECENTLY, demands
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.registry.mount import mounted
from portal.registry.switches import reasons
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state

bp = Blueprint("calendar", __name__, url_prefix="/calendar", template_folder="templates")


@bp.get("")
def calendar() -> str:
    """The days of the next year, by month."""
    days = days_of(mounted(), current_account(), reasons())
    months = [
        (month.replace(day=1), list(each)) for month, each in groupby(days.entries, lambda day: day.on.replace(day=1))
    ]
    return render("home/calendar.html", months=months, missing=days.missing)


@bp.get("/feed")
@demands(fresh=RECENTLY)
def feed() -> str:
    """The secret address, for who has lately shown that they are that person: whoever has it reads along."""
    secret = feeds.find_secret(current_account())
    address = f"{web_state().settings.public_url}{url_for('calendar_feed.feed', secret=secret)}" if secret else ""
    return render("home/calendar_feed.html", address=address, subscribe=address.replace("http", "webcal", 1))


@bp.post("/feed")
@demands(fresh=RECENTLY)
@sensitive
@commits
def make() -> Response:
    """A new address; the old one, if there was one, leads nowhere any more."""
    changed = feeds.make(current_account())
    notify_next(_("You have a new address. The old one no longer works.") if changed else _("Your address is ready."))
    return redirect(url_for(".feed"), 303)


@bp.post("/feed/stop")
@commits
def stop() -> Response:
    """No address leads to the calendar any more."""
    feeds.stop(current_account())
    notify_next(_("The address no longer works."))
    return redirect(url_for(".feed"), 303)
