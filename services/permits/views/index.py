"""The first page: what the resident has, and what they can do."""

from flask.typing import ResponseReturnValue

from portal.kit import render
from services.permits.views.blueprint import bp


@bp.get("/")
def index() -> ResponseReturnValue:
    """The resident's permits."""
    return render("permits/index.html")
