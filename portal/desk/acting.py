"""What every act on a case has in common: who may, what the page shows, and what becomes of the words when it fails.

A right may be taken away and a case may go to another team while its page is open. Then nothing is done, and what was
typed is shown to be copied out. A case that somebody else has changed meanwhile is shown as it was and as it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases.values import Case, ChangedMeanwhile, EventKind
from portal.cases.writing import check_version, done_already, lock_case
from portal.db.session import commits, session
from portal.desk import presence
from portal.desk.act_forms import ActForm
from portal.desk.case_words import differences, happened, status_of, title_of, viewers_in_words
from portal.errors import Conflict, Forbidden, NotFound, Refused, TooMany, Unavailable
from portal.kit.at_desk import View, asked_why, get_desk_case
from portal.staff.gate import typed_words
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.staff.values import RIGHT_TITLES, Right
from portal.web.kept import brings_file
from portal.web.languages import Lazy
from portal.web.page import notify_next, render


def always(_case: Case) -> None:
    """For acts that can be done with every case, whatever has become of it."""


def acts(right: Right) -> Callable[[View], View]:
    """For a view that does something with a case: it is called with the case in the place of its reference.

    It needs the right on that very case. Where it is missing, nothing is done and nothing that was typed is lost.
    """

    def wrap(view: View) -> View:
        @needs(right)
        @commits
        @wraps(view)
        def acting(reference: str, **values: Any) -> ResponseReturnValue:  # whatever the address names
            try:
                case = get_desk_case(reference)
                current_grants().require(right, case)
            except (NotFound, Forbidden) as error:
                if request.method != "POST":
                    raise
                return keep_words(error, right)
            if request.method == "POST":
                return view(case, **values)
            return asked_why(case, case.reference) or view(case, **values)

        return cast(View, acting)

    return wrap


def attempt(
    form: ActForm,
    case: Case,
    do: Callable[[], object],
    *,
    done: str | Lazy,
    field: str | None = None,
    right: Right = "work",
) -> ResponseReturnValue | None:
    """Do it if the form is right, and go back to the case. None: the page is to be shown again, with what is wrong."""
    if not form.accepted():
        return None
    try:
        do()
    except ChangedMeanwhile as changed:
        session().rollback()
        if not current_grants().on("look", changed.now):
            return keep_words(NotFound(), right)
        form.show_changed(changed)
    except (NotFound, Forbidden) as error:
        session().rollback()
        return keep_words(error, right)
    except (Refused, Conflict, TooMany, Unavailable) as error:
        session().rollback()
        form.refuse(error.sentence, field)
        form.renew()
    else:
        notify_next(done)
        return redirect(url_for("desk_case.case", reference=case.reference), 303)
    return None


def as_shown(
    case: Case, form: ActForm, kind: EventKind, became: Callable[[Case], bool], *, reason: str = ""
) -> Case | None:
    """The case, locked and as the form's page showed it. None: this very form has been sent and taken already, which
    is so if the case `became` what the act makes of it, with the same words.

    For acts that do not ask for a version themselves, and for rules about who has the case. Raises ChangedMeanwhile.
    """
    actor = current_staff().actor
    locked = lock_case(case.id, actor=actor)
    if done_already(locked, form.seen, kind=kind, actor=actor, reason=reason) and became(locked):
        return None
    check_version(locked, form.seen)
    return locked


def still_theirs(case: Case, right: Right) -> None:
    """Ask for the right once more, on the case as it is now that nobody else changes it: it may have gone to another
    team while the request waited for whoever did that. Raises NotFound, Forbidden.

    For acts that ask for no version; those that do find out by it.
    """
    current_grants().require(right, lock_case(case.id, actor=current_staff().actor))


def page(
    template: str, case: Case, form: ActForm, *, check: Callable[[Case], object] = always, **values: object
) -> ResponseReturnValue:
    """The page of an act: the case's head, both versions where it has changed, and the form.

    `check` raises Refused or Conflict when the act cannot be done with the case as it is now: then the page says why
    in the place of a form that would be refused, and what was typed stays, to be copied out.

    A form that was sent may be shown again only to who may say why they look, as the page was before.
    """
    if request.method == "POST" and (unseen := ask_first(case)) is not None:
        return unseen
    if form.version.data in (None, ""):
        form.version.data = str(case.version)
    changed = form.changed
    shown = changed.now if changed and changed.now.id == case.id else case  # a merge may show another's change
    viewers = presence.note_here(case.id, current_staff().id, acting=True)
    return render(
        f"desk/case/{template}.html",
        case=shown,
        case_title=title_of(case),
        status=status_of(shown),
        form=form,
        differences=differences(changed) if changed else (),
        happened=happened(changed) if changed else (),
        here=viewers_in_words(viewers),
        poll_seconds=presence.POLL_SECONDS,
        gone=_why_not(check, shown),
        typed=form.typed,
        **values,
    )


def _why_not(check: Callable[[Case], object], case: Case) -> str:
    try:
        check(case)
    except (Refused, Conflict) as refusal:
        return refusal.sentence
    return ""


def ask_first(case: Case) -> ResponseReturnValue | None:
    """Note that they look at the case; or, in the place of the page that a form leads to, that they must say why
    first, with what was typed. By then it may be closed, or out of their hands.
    """
    asked = asked_why(case, case.reference)
    if asked is None:
        return None
    why = make_response(asked).location
    html = render(
        "desk/case/ask_why.html", reference=case.reference, why=why, typed=typed_words(), lost_file=brings_file()
    )
    return make_response(html, 403)


def keep_words(error: NotFound | Forbidden, right: Right) -> ResponseReturnValue:
    """The refusal in the place of a page whose form cannot be taken any more, with what was typed in it."""
    gone = isinstance(error, NotFound)
    template = "desk/case/gone.html" if gone else "staff/refused.html"
    values = {"sentence": error.sentence, "needs": RIGHT_TITLES[right]}
    html = render(template, typed=typed_words(), lost_file=brings_file(), **values)
    return make_response(html, 404 if gone else 403)
