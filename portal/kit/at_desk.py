"""Pages that a service has at the desk: who may see which case there, and that it is known why they look."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, cast

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import DateTime, Select, bindparam, exists, select

from portal import clock
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.values import Case
from portal.db.session import commits, session
from portal.errors import NotFound
from portal.identity.next_path import safe_next, written
from portal.references import read_reference
from portal.staff import looks
from portal.staff.looks import LookedAt, Reason
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.staff.values import Right
from portal.web.languages import Lazy
from portal.web.languages import gettext as _

View = Callable[..., ResponseReturnValue]
CASE_RIGHTS: Final[tuple[Right, ...]] = ("look", "work", "decide", "lead")
_ENDPOINT: Final = re.compile(r"[a-z_]+")
_WORKED_ON = select(
    exists().where(
        CaseEventRow.case_id == bindparam("case"),
        CaseEventRow.actor == bindparam("actor"),
        CaseEventRow.at > bindparam("since", type_=DateTime(timezone=True)),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLink:
    """What a service lets staff do with one of its cases, beside what the desk does: a link on the case's page."""

    title: str
    url: str
    right: Right = "work"
    """What they must be allowed on that case for the link to be there. The page behind it asks again."""


def no_links(_case: Case) -> Sequence[DeskLink]:
    """For a service that has nothing of its own to do with a case."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPages:
    """Pages of a service for staff, under `/desk/<slug>`, behind the desk's own door.

    `blueprint` is made by `service_blueprint(__name__, "desk")`. Each of its views says with `@needs` which right
    opens it, and one about a case is wrapped in `@on_case`. The desk's menu calls them `title` and leads to `front`, a
    view of that blueprint. Switching the service off for residents leaves them open: the work goes on.
    """

    blueprint: Blueprint
    title: str | Lazy
    front: str
    links: Callable[[Case], Sequence[DeskLink]] = no_links


def fault_of_desk(pages: object, slug: str) -> str:
    """What is wrong with a service's pages at the desk, to follow their name in a sentence; empty when nothing is."""
    if not isinstance(pages, DeskPages):
        return f"must be a portal.kit.DeskPages, not {type(pages).__name__}"
    blueprint: object = pages.blueprint
    if not isinstance(blueprint, Blueprint) or blueprint.name != f"{slug}_desk" or blueprint.url_prefix:
        return 'must have a blueprint made with portal.kit.service_blueprint(__name__, "desk")'
    if not _ENDPOINT.fullmatch(pages.front):
        return "must name in `front` a view of its blueprint, without the blueprint's name"
    return ""


def get_desk_case(reference: str) -> Case:
    """The case with that reference, however it is typed. Raises NotFound when they may not look at it, or none is."""
    plain = read_reference(reference)
    query = select(*CASE_COLUMNS).where(CaseRow.reference == plain, current_grants().where("look", CaseRow))
    row = session().execute(query).one_or_none() if plain is not None else None
    if row is None:
        raise NotFound(_("There is no such case, or it is another team’s."))
    return case_from(row)


def staff_cases(right: Right) -> Select[uuid.UUID]:
    """The ids of the cases on which the member of staff of this request has that right.

    For a service's own statements: `.where(Report.case_id.in_(staff_cases("work")))`.
    """
    return select(CaseRow.id).where(current_grants().where(right, CaseRow))


def staff_may(right: Right) -> bool:
    """Whether the member of staff of this request has that right anywhere."""
    return current_grants().allow(right)


def my_cases() -> Select[uuid.UUID]:
    """The ids of the open cases that the member of staff of this request has taken, or was given."""
    return select(CaseRow.id).where(CaseRow.holder_id == current_staff().id, CaseRow.closed_at.is_(None))


def rights_on(case: Case) -> frozenset[Right]:
    """What the member of staff of this request may do with this case."""
    grants = current_grants()
    return frozenset(right for right in CASE_RIGHTS if grants.on(right, case))


def on_case(right: Right) -> Callable[[View], View]:
    """For a view with `<reference>` in its address: it is called with the case in its place.

    It needs the right on that very case. Before the page is shown it is known why they look, or they are asked: also
    where a form is answered by the page, not by the way to another.
    """

    def wrap(view: View) -> View:
        @needs(right)
        @commits
        @wraps(view)
        def acting(reference: str, **values: Any) -> ResponseReturnValue:  # whatever the address names
            case = get_desk_case(reference)
            current_grants().require(right, case)
            if request.method == "POST":
                answer = make_response(view(case, **values))
                leads_on = answer.location is not None
                return answer if leads_on else asked_why(case, case.reference) or answer
            return asked_why(case, case.reference) or view(case, **values)

        return cast(View, acting)

    return wrap


def asked_why(case: LookedAt, reference: str) -> ResponseReturnValue | None:
    """Note that the member of staff of this request looks at the case; or the way to the page that asks them why.

    Call it in every view that shows a case, once it is known that they may see it.
    """
    reason = reason_for(case)
    if reason is None:
        here = written(request.script_root + request.path, request.query_string)
        return redirect(url_for("desk_looking.why", reference=reference, next=safe_next(here)), 303)
    note_look(case, what="case", reason=reason)
    return None


def reason_for(case: LookedAt) -> Reason | None:
    """Why the member of staff of this request looks at the case, as far as it is known; None: they must say it."""
    staff = current_staff()
    known = looks.known_reason(case) or ("worked_on" if _worked_on(staff.actor, case) else None)
    if known is not None:
        return Reason(known, written=False)
    return looks.last_reason(staff, case.id)


def note_look(case: LookedAt, *, what: str, reason: Reason) -> None:
    """Write down that they look at this part of the case or of its resident, for this reason."""
    looks.note_look(
        current_staff(), account_id=case.account_id, case=case, what=what, reason=reason.words, written=reason.written
    )


def _worked_on(actor: str, case: LookedAt) -> bool:
    """Whether they have done something with it lately: whoever closes a case may still see that it is closed."""
    values = {"case": case.id, "actor": actor, "since": clock.now() - looks.REASON_HOLDS}
    return bool(session().scalar(_WORKED_ON, values))
