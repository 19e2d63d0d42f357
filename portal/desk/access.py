"""Which role opens which page, for administrators: the same table that the tests hold against the addresses."""

from flask import Blueprint, current_app

from portal.staff.access_table import NOBODY, OPEN, access_table
from portal.staff.gate import PREFIX
from portal.staff.rights import ANY, needs
from portal.staff.values import RIGHT_TITLES, ROLE_TITLES, ROLES
from portal.web.languages import gettext as _
from portal.web.page import render

bp = Blueprint("desk_access", __name__, url_prefix=f"{PREFIX}/access", template_folder="templates")


@bp.get("")
@needs("administer")
def table() -> str:
    """Every address of the desk with the right that it needs and the roles that have it."""
    words = {OPEN: _("Nothing: it is the way in"), ANY: _("Any right"), NOBODY: _("Nobody may")}
    words |= {right: str(title) for right, title in RIGHT_TITLES.items()}
    rows = [
        [row.rule, row.method, words[row.needs], *(_("yes") if role in row.roles else "–" for role in ROLES)]
        for row in access_table(current_app)
    ]
    head = [_("Address"), _("Method"), _("Needs"), *(str(ROLE_TITLES[role]) for role in ROLES)]
    return render("desk/access.html", head=head, rows=rows)
