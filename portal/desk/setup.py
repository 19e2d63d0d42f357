"""Register the desk's pages. Every blueprint is under /desk, and every view says with `needs` which right it asks."""

from typing import Final

from flask import Flask

from portal.desk import (
    access,
    assist,
    audit,
    audit_who,
    bulk_pages,
    case_entering,
    case_handling,
    case_merging,
    case_page,
    case_papers,
    case_talking,
    case_tasks,
    front,
    keyboard,
    last_list,
    looking,
    offices,
    payments,
    records,
    rights,
    routing_pages,
    saved_pages,
    see_as,
    statistics_page,
    template_pages,
    worklist_page,
)
from portal.desk.finding import case_of, has_file
from portal.desk.menu import offer_desk
from portal.staff.narrow_visits import know_cases
from portal.web.languages import lazy_gettext as _

CASE_PAGES: Final = (case_page, case_handling, case_talking, case_papers, case_tasks, case_entering, case_merging)
"""To name them here is what puts their pages on the one blueprint of a case."""
LIST_PAGES: Final = (saved_pages,)
"""The same for the blueprint of the worklist."""
AUDIT_PAGES: Final = (audit_who,)
"""The same for the blueprint of the audit trail."""


def install(app: Flask) -> None:
    """The menu's order is that of these lines: the worklist first, the way out last."""
    for room in (
        front,
        worklist_page,
        bulk_pages,
        statistics_page,
        looking,
        audit,
        rights,
        access,
        see_as,
        assist,
        records,
        payments,
        offices,
        keyboard,
    ):
        app.register_blueprint(room.bp)
    for room in (case_page, template_pages, routing_pages):
        app.register_blueprint(room.bp)
    know_cases(app, case_of, has_file)
    app.jinja_env.globals |= {
        "desk_key": keyboard.desk_key,
        "desk_keys_are_on": keyboard.are_on,
        "back_to_list": last_list.back_to_list,
    }
    offer_desk(app, _("Cases"), "desk.worklist")
    offer_desk(app, _("Help a caller"), "desk_assist.find")
    offer_desk(app, _("Records"), "desk_records.find")
    offer_desk(app, _("Payments"), "desk_payments.find")
    offer_desk(app, _("Statistics"), "desk_statistics.page")
    offer_desk(app, _("Templates"), "desk_templates.templates")
    offer_desk(app, _("Routing"), "desk_routing.rules")
    offer_desk(app, _("Audit trail"), "desk_audit.trail")
    offer_desk(app, _("Rights"), "desk_rights.table")
    offer_desk(app, _("Access"), "desk_access.table")
    offer_desk(app, _("Other systems"), "desk_offices.table")
    offer_desk(app, _("Sign out"), "staff.sign_out", by_post=True)
