"""What the profile pages share: their blueprint, and how an answer is saved without losing another."""

from collections.abc import Callable

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from portal.accounts import queries, rules
from portal.accounts.values import Account
from portal.cases.search_writing import follow_account
from portal.errors import Conflict, Refused
from portal.home.profile_forms import QuestionForm
from portal.home.profile_words import saved_answer
from portal.web.page import notify_next

bp = Blueprint("profile", __name__, url_prefix="/profile", template_folder="templates")


def saved(
    form: QuestionForm, account: Account, question: str, change: Callable[[], None], *, blame: str | None = None
) -> bool:
    """Make the change. False when it is refused, with the reason at the field `blame`, or when the answer was
    changed elsewhere meanwhile: then the form knows what is saved now, and carries its version, so that sending it
    again is a decision.
    """
    try:
        change()
    except Refused as refusal:
        form.refuse(refusal.sentence, blame)
    except Conflict as conflict:
        now = queries.get_profile(account.id)
        form.saved_now = saved_answer(now, question)
        form.version.data = rules.version_of(now, question)
        form.refuse(conflict.sentence)
    else:
        follow_account(account.id)  # staff find the resident's cases by what has just changed
        return True
    return False


def back_to_overview(notice: str) -> Response:
    """The overview, with a line about what was done."""
    notify_next(notice)
    return redirect(url_for("profile.overview"))


def status_of(form: QuestionForm) -> int:
    """The status of a page that shows the form: 409 when it tells of a change made elsewhere."""
    return 200 if form.saved_now is None else 409
