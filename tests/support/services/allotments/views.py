"""One page, so that the cards lead somewhere."""

from portal.kit import render, service_blueprint

bp = service_blueprint(__name__)


@bp.get("/")
def start() -> str:
    """The service's only page."""
    return render("allotments/start.html")
