"""Which role opens which page, for administrators: the same table that the tests hold against the addresses."""

from collections.abc import Sequence

from flask import Blueprint, current_app

from portal.staff.access_table import NOBODY, OPEN, access_table
from portal.staff.gate import PREFIX
from portal.staff.rights import ANY, needs
from portal.staff.values import RIGHT_TITLES, ROLE_TITLES, ROLES, Role
from portal.web.languages import gettext as _
from portal.web.page import render

bp = Blueprint("desk_access", __name__, url_prefix=f"{PREFIX}/access", template_folder="templates")


@bp.get("")
@needs("administer")
def table() -> str:
    """Every address of the desk with the right that it needs and the roles that have it. Both ways of opening one,
    where they need the same, are one line.
    """
    words = {OPEN: _("Nothing: it is the way in"), ANY: _("Any right"), NOBODY: _("Nobody may")}
    words |= {right: str(title) for right, title in RIGHT_TITLES.items()}
    methods: dict[tuple[str, str, tuple[Role, ...]], list[str]] = {}
    for row in access_table(current_app):
        methods.setdefault((row.rule, row.needs, row.roles), []).append(row.method)
    rows = [[rule, ", ".join(used), words[needed], _roles(roles)] for (rule, needed, roles), used in methods.items()]
    head = [_("Address"), _("Method"), _("Needs"), _("Role")]
    return render("desk/access.html", head=head, rows=rows)


def _roles(roles: Sequence[Role]) -> str:
    if len(roles) == len(ROLES):
        return _("All")
    return ", ".join(str(ROLE_TITLES[role]) for role in roles) or "–"
