"""The front page that everybody sees, and the home of who is signed in."""

from flask import Blueprint, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal import clock
from portal.accounts.values import Account
from portal.cases import queries as cases
from portal.cases.to_do import to_do
from portal.db.session import session
from portal.errors import NotFound
from portal.home.cards import Answer, ask_again, ask_for_cards
from portal.home.linked import for_everyone, linked, most_urgent
from portal.home.recent import Recent, merge
from portal.identity.relying_party import all_parties
from portal.identity.sessions import current_account, current_account_or_none
from portal.identity.setting_out import allow_leaving_for
from portal.notices.news import NEWS, news_from
from portal.payments.baskets import LINES_IN_BASKET
from portal.registry.mount import mounted
from portal.registry.switches import reasons
from portal.web.access import public
from portal.web.page import render

bp = Blueprint("home", __name__, template_folder="templates")
RECENT = 6
MOST_TO_DO = 5
_NEWS = NEWS.add_columns(LINES_IN_BASKET.label("in_basket"))


@bp.get("/")
@public
def front() -> str | Response:
    """What this is, what is behind it, and the way in."""
    if current_account_or_none() is not None:
        return redirect(url_for("home.home"))
    services, off = [each.service for each in mounted()], reasons()
    return render("home/front.html", services=services, linked=for_everyone(off), off=off, way_in=_only_way_in())


@bp.get("/home")
def home() -> str:
    """Every service's cards and one list of what happened lately."""
    account, off = current_account(), reasons()
    answers = ask_for_cards(mounted(), account, off)
    elsewhere, tasks = linked(account, off)
    answers += elsewhere
    recent = _recent(account, answers)
    waiting = most_urgent(to_do(account.id, limit=MOST_TO_DO), tasks)[:MOST_TO_DO]
    news = session().execute(_NEWS, {"account": account.id}).all()
    return render(
        "home/home.html",
        account=account,
        answers=answers,
        recent=recent,
        to_do=waiting,
        in_basket=news[0].in_basket,
        news=news_from(news),
        today=clock.today(),
    )


@bp.get("/home/cards/<slug>")
def cards(slug: str) -> ResponseReturnValue:
    """One service's part of home once more, for script in the page, when it was late."""
    service = next((each for each in mounted() if each.slug == slug), None)
    if service is None:
        raise NotFound
    answer = make_response(render("home/service.html", answer=ask_again(service, current_account(), reasons())))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _only_way_in() -> str | None:
    """The provider's name when there is one to choose: the button leads there without a page in between."""
    parties = all_parties()
    if len(parties) != 1:
        return None
    allow_leaving_for(parties[0])
    return parties[0].name


def _recent(account: Account, answers: list[Answer]) -> list[Recent]:
    events, _older = cases.recent_events_page(account.id, limit=RECENT)
    return merge(events, answers, mounted())[:RECENT]
