"""Register the desk's pages. Every blueprint is under /desk, and every view says with `needs` which right it asks."""

from typing import Final

from flask import Flask

from portal.desk import (
    access,
    assist,
    audit,
    case_handling,
    case_merging,
    case_page,
    case_papers,
    case_talking,
    case_tasks,
    front,
    keyboard,
    looking,
    rights,
    see_as,
)
from portal.desk.case_blueprint import bp as case_bp
from portal.desk.finding import case_of
from portal.desk.menu import offer_desk
from portal.settings.portal import Settings
from portal.staff import visits
from portal.web.languages import lazy_gettext as _

CASE_PAGES: Final = (case_page, case_handling, case_talking, case_papers, case_tasks, case_merging)
"""To name them here is what puts their pages on the one blueprint of a case."""


def install(app: Flask, settings: Settings) -> None:  # noqa: ARG001  # as the other rooms' are called
    """The menu's order is that of these lines: the worklist first, the way out last."""
    for room in (front, looking, audit, rights, access, see_as, assist, keyboard):
        app.register_blueprint(room.bp)
    app.register_blueprint(case_bp)
    visits.know_cases(app, case_of)
    app.jinja_env.globals["desk_key"] = keyboard.desk_key
    offer_desk(app, _("Help a caller"), "desk_assist.find")
    offer_desk(app, _("Audit trail"), "desk_audit.trail")
    offer_desk(app, _("Rights"), "desk_rights.table")
    offer_desk(app, _("Access"), "desk_access.table")
    offer_desk(app, _("Sign out"), "staff.sign_out", by_post=True)
