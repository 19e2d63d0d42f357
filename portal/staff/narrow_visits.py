"""What staff with a narrow right may do in a resident's place: a visit is no way around it to another team's cases.

Whoever has the right for all cases sees all that the resident does. To everybody else each page is shut that is not
known to show nothing but what their right is for.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeVar

from flask import Flask, current_app, request
from sqlalchemy import ColumnElement

from portal.errors import Refused
from portal.identity.sessions import Session, Visit, current_session_or_none
from portal.staff.rights import current_grants
from portal.staff.values import HasPlace, Placed, Right
from portal.web.access import is_public
from portal.web.languages import gettext as _

View = TypeVar("View", bound=Callable[..., object])
RIGHT_FOR: Final[dict[str, Right]] = {"look": "see_as", "assist": "assist"}
_CASES: Final = "moothall.staff.cases"
_FILE: Final = "files.show"


class FindCase(Protocol):
    """How a resident's own case is found by its reference."""

    def __call__(self, account_id: uuid.UUID, reference: str) -> Placed | None:
        """The case, if there is one."""


class IsOnCase(Protocol):
    """How it is known whether a file of a resident's belongs to a case on which the member of staff has a right."""

    def __call__(self, account_id: uuid.UUID, file_id: uuid.UUID, right: Right) -> bool:
        """Whether it does."""


@dataclass(frozen=True, slots=True)
class _Cases:
    find: FindCase
    has_file: IsOnCase


def know_cases(app: Flask, find: FindCase, has_file: IsOnCase) -> None:
    """How cases and their files are found. Cases stand above this room."""
    app.extensions[_CASES] = _Cases(find, has_file)


def for_helpers(view: View) -> View:
    """Open a service's page to staff who fill it in for a caller and may help with some of its cases alone.

    Without this mark they need the right for the whole service. Such a page shows what is being filled in, and of
    what was sent before no more than `cases_of` gives, which leaves out what they may not see.
    """
    view.__dict__["for_helpers"] = True
    return view


def is_narrow(mode: Literal["look", "assist"]) -> bool:
    """Whether the member of staff of this request has that right for some cases alone, and not for all."""
    return not current_grants().allow(RIGHT_FOR[mode], service="", type="", area="", team="")


def is_theirs(live: Session, visit: Visit) -> bool:
    """Whether they may open the page of this request, as far as the cases go that it shows."""
    endpoint = request.endpoint
    if endpoint is None or is_public(current_app, endpoint) or not is_narrow(visit.mode):
        return True
    right, values, known = RIGHT_FOR[visit.mode], request.view_args or {}, _known()
    if "reference" in values:
        case = known.find(live.account.id, str(values["reference"]))
        if case is not None:
            return current_grants().on(right, case)
    if endpoint == _FILE:
        return known.has_file(live.account.id, values["file_id"], right)
    return _may_open_service(endpoint, visit)


def require_opening(account_id: uuid.UUID, case: Placed) -> None:
    """Ask, before a case is opened for a resident, whether staff in their place may help with such a case.

    Raises Refused. For anybody else there is nothing to ask.
    """
    live = current_session_or_none()
    if live is None or live.visit is None or live.account.id != account_id:
        return
    if not current_grants().on(RIGHT_FOR[live.visit.mode], case):
        raise Refused(
            _("Nothing was sent: it would go to a team, or be of a kind, with which you may not help. Ask a colleague.")
        )


def visible(row: HasPlace) -> ColumnElement[bool] | None:
    """The cases that staff in a resident's place may see, as a condition; None where all are to be seen."""
    live = current_session_or_none()
    if live is None or live.visit is None or not is_narrow(live.visit.mode):
        return None
    return current_grants().where(RIGHT_FOR[live.visit.mode], row)


def _may_open_service(endpoint: str, visit: Visit) -> bool:
    parts = request.path.split("/")
    if parts[1:2] != ["services"]:
        return False
    right, service, grants = RIGHT_FOR[visit.mode], parts[2], current_grants()
    if grants.allow(right, service=service, type="", area="", team=""):
        return True
    view: Any = current_app.view_functions.get(endpoint)
    is_form = visit.mode == "assist" and bool(getattr(view, "for_helpers", False))
    return is_form and grants.allow(right, service=service)


def _known() -> _Cases:
    known: _Cases = current_app.extensions[_CASES]
    return known
