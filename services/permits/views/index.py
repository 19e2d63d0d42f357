"""The first page: what the resident has, what they have begun, and what they can do."""

from flask.typing import ResponseReturnValue

from portal.kit import clock, current_account, render
from services.permits.queries.applications import application_drafts
from services.permits.queries.permits import permits_of
from services.permits.rules.permits import HOLDING
from services.permits.rules.registrations import shown
from services.permits.rules.status_words import words_of
from services.permits.views.application_words import draft_called
from services.permits.views.blueprint import bp
from services.permits.workflow import TITLES


@bp.get("/")
def index() -> ResponseReturnValue:
    """The resident's permits, those that are over below."""
    account = current_account()
    permits, today = permits_of(account), clock.today()
    return render(
        "permits/index.html",
        running=[each for each in permits if each.status in HOLDING],
        over=[each for each in permits if each.status not in HOLDING],
        begun=[(draft, draft_called(draft)) for draft in application_drafts(account)],
        titles=TITLES,
        words={each.id: words_of(each, today) for each in permits},
        shown=shown,
    )
