"""Where the desk begins: on to the first page that somebody may open."""

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.staff.gate import PREFIX
from portal.staff.rights import ANY, needs
from portal.web.page import render
from portal.web.realms import current_realm

bp = Blueprint("desk_front", __name__, url_prefix=PREFIX, template_folder="templates")


@bp.get("")
@needs(ANY)
def front() -> ResponseReturnValue:
    """The first entry of the menu that is theirs."""
    realm = current_realm()
    pages = [item.endpoint for item in realm.menu if not item.by_post] if realm else []
    first = next((each for each in pages if realm and realm.may_open(each)), None)
    if first is None or first not in current_app.view_functions:
        return render("desk/front.html")
    return redirect(url_for(first))
