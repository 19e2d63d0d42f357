"""Register the resident's pages."""

from flask import Flask

from portal.home import activity, calendar, calendar_feed, cosign, data, front, outbox, profile, tasks, well_known
from portal.settings.portal import Settings
from portal.web.languages import lazy_gettext as _
from portal.web.page import offer


def install(app: Flask, settings: Settings) -> None:
    """Home, activity, profile, data rights; in the demo the outbox too."""
    for room in (front, activity, calendar, calendar_feed, tasks, cosign, profile, data, well_known):
        app.register_blueprint(room.bp)
    offer(app, _("Home"), "home.home")
    offer(app, _("Activity"), "activity.activity")
    offer(app, _("Calendar"), "calendar.calendar")
    offer(app, _("Your details"), "profile.overview")
    if settings.demo:
        app.register_blueprint(outbox.bp)
