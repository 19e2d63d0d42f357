"""Register the resident's pages."""

from typing import Final

from flask import Flask

from portal.home import (
    activity,
    basket,
    calendar,
    calendar_feed,
    case_page,
    claim,
    cosign,
    data,
    forgetting,
    front,
    inbox,
    joining,
    outbox,
    payments,
    profile,
    reminders,
    task_paying,
    tasks,
    well_known,
    who_looked,
)
from portal.payments import payables
from portal.settings.portal import Settings
from portal.web.languages import lazy_gettext as _
from portal.web.page import offer

JOBS: Final = (forgetting.forget_callers, reminders.remind)
"""Done by the clock. To name them here is what makes them known to the worker."""


def install(app: Flask, settings: Settings) -> None:
    """Home, activity, profile, data rights; in the demo the outbox too."""
    rooms = (front, activity, case_page, inbox, calendar, calendar_feed, tasks, cosign, profile, data, well_known)
    for room in (*rooms, who_looked, claim, joining, basket, payments):
        app.register_blueprint(room.bp)
    payables.add(app, task_paying.SERVICE, task_paying.TITLE, (task_paying.PAYABLE,))
    offer(app, _("Home"), "home.home")
    offer(app, _("Cases"), "cases.cases")
    offer(app, _("Inbox"), "inbox.messages")
    offer(app, _("Calendar"), "calendar.calendar")
    offer(app, _("Payments"), "payments.history")
    offer(app, _("Your details"), "profile.overview")
    if settings.demo:
        app.register_blueprint(outbox.bp)
