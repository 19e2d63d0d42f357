"""The fault panel: how each system that we call is doing, what waits for it, and what somebody can do about it.

No page here calls a system: that is done when somebody asks for it, within a bound. In the demo the same pages tell
the stand-ins how to behave.
"""

from collections.abc import Callable
from typing import Final, get_args

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.operations import record
from portal.backoffices import health, sending
from portal.db.session import commit, commits
from portal.desk import office_standins
from portal.desk.office_asking import ask
from portal.desk.office_rows import MESSAGES, OfficeRow, office_rows
from portal.errors import NotFound, Refused, Unavailable
from portal.notify import delivery
from portal.payments import asking_again
from portal.payments.govuk_pay import OFFICE as PAY
from portal.staff.gate import PREFIX
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.standins.modes import WORDS, Mode
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import notify_next, render, warn_next

bp = Blueprint("desk_offices", __name__, url_prefix=f"{PREFIX}/offices", template_folder="templates")

STATES: Final = {
    "good": (_("Answers"), "green"),
    "bad": (_("Does not answer well"), "red"),
    "resting": (_("Left alone for a while"), "red"),
    "unmet": (_("Not called yet"), "grey"),
    "unset": (_("Not set up"), "grey"),
}
FAULTS: Final = {
    "slow": _("took too long"),
    "unreachable": _("could not be reached"),
    "wrong_answer": _("answered with something else"),
    "too_large": _("answered with too much"),
    "status_503": _("said that it is down (503)"),
    "status_429": _("said that too many ask (429)"),
    "status_500": _("broke (500)"),
}
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
SLOW_FOR: Final = 12.0


@bp.get("")
@needs("operate")
def table() -> str:
    """Every system with how it was last met."""
    rows = office_rows()
    told = {row.name: office_standins.how(row.standin) for row in rows if row.standin}
    return render("desk/offices/table.html", rows=rows, told=told, states=STATES, fault=_in_words, modes=WORDS)


@bp.get("/<name>")
@needs("operate")
def office(name: str) -> str:
    """One system: what was wrong with it lately, what can be done, and in the demo how its stand-in behaves."""
    row = _get(name)
    return render(
        "desk/offices/office.html",
        row=row,
        state=STATES[row.state],
        faults=health.faults_of(row.name),
        fault=_in_words,
        told=office_standins.how(row.standin) if row.standin else None,
        modes=WORDS,
        may_send=_sender(row) is not None,
    )


@bp.post("/<name>/try")
@needs("operate")
@commits
def try_now(name: str) -> ResponseReturnValue:
    """Call it now, and say what came of it. One that is left alone is let try for that."""
    row = _get(name)
    if row.has_breaker and row.state == "resting":
        _let(row)
    wrong = ask(row.check)
    record("offices.tried", actor=current_staff().actor, subject=f"office:{row.name}", answers=not wrong)
    if wrong:
        warn_next(gettext("%(system)s does not answer well. %(why)s", system=row.title, why=wrong))
    else:
        notify_next(gettext("%(system)s answers.", system=row.title))
    return _back(row)


@bp.post("/<name>/let-try")
@needs("operate")
@commits
def let_try(name: str) -> ResponseReturnValue:
    """Let the next call through although it is being left alone."""
    row = _get(name)
    if not row.has_breaker:
        raise Refused(gettext("This system is never left alone."))
    _let(row)
    notify_next(gettext("The next call to %(system)s is made, whoever makes it.", system=row.title))
    return _back(row)


@bp.post("/<name>/send")
@needs("operate")
@commits
def send_now(name: str) -> ResponseReturnValue:
    """Have what waits tried at once, in its order."""
    row = _get(name)
    send = _sender(row)
    if send is None:
        raise Refused(gettext("Nothing waits for this system."))
    send()
    record("offices.sent_now", actor=current_staff().actor, subject=f"office:{row.name}", waiting=row.waiting)
    notify_next(gettext("What waits is being sent. Look again in a minute."))
    return _back(row)


@bp.post("/<name>/faults")
@needs("operate")
@commits
def misbehave(name: str) -> ResponseReturnValue:
    """In the demo: tell its stand-in how to behave."""
    row = _get(name)
    chosen = next((each for each in MODES if each == request.form.get("answers")), None)
    if not row.standin:
        raise NotFound
    if chosen is None:
        warn_next(gettext("Choose how it behaves."))
        return _back(row)
    try:
        office_standins.tell(row.standin, answers=chosen, seconds=SLOW_FOR)
    except Unavailable as error:
        warn_next(error.sentence)
        return _back(row)
    record("offices.fault_told", actor=current_staff().actor, subject=f"office:{row.name}", answers=chosen)
    notify_next(f"{row.title}: {WORDS[chosen].title}. {WORDS[chosen].expect}")
    return _back(row)


def _let(row: OfficeRow) -> None:
    """Committed at once: the call that follows, in whatever process, is to see it."""
    record("offices.let_try", actor=current_staff().actor, subject=f"office:{row.name}")
    health.let_try(row.name)
    commit()


def _sender(row: OfficeRow) -> Callable[[], object] | None:
    """What sends what waits for it; None where nothing can wait."""
    if row.service:
        return lambda: sending.send_now(row.service)
    return {MESSAGES: delivery.again.defer, PAY: asking_again.again.defer}.get(row.name)


def _in_words(code: str) -> str:
    """A fault of ours as people read it, with its code where there are no words."""
    return str(FAULTS[code]) if code in FAULTS else code


def _get(name: str) -> OfficeRow:
    row = next((each for each in office_rows() if each.name == name), None)
    if row is None:
        raise NotFound
    return row


def _back(row: OfficeRow) -> ResponseReturnValue:
    return redirect(url_for(".office", name=row.name), 303)
