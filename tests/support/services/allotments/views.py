"""One page, so that the cards lead somewhere; and one step that takes more proof than the rest."""

from datetime import timedelta

from portal.kit import Assurance, demands, render, service_blueprint

bp = service_blueprint(__name__)


@bp.get("/")
def start() -> str:
    """The service's first page."""
    return render("allotments/start.html")


@bp.get("/give-up")
@demands(Assurance.MEDIUM, fresh=timedelta(minutes=10))
def give_up() -> str:
    """What cannot be taken back: only for who has just shown that the plot is theirs."""
    return render("allotments/start.html")
