"""What a resident has reported."""

from typing import Final

from flask import request
from flask.typing import ResponseReturnValue

from portal.kit import current_account, for_helpers, render
from services.reporting.queries import own
from services.reporting.views.blueprint import bp

PAGE: Final = 20


@bp.get("/reports")
@for_helpers
def reports() -> ResponseReturnValue:
    """All reports of the resident, newest first."""
    lines, older = own.reports_of(current_account(), after=request.args.get("after"), most=PAGE)
    return render("reporting/reports.html", reports=lines, older=older)
