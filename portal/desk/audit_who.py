"""Who an id of the audit trail is. The trail holds ids alone; an auditor asks here, and that they asked is on it.

A resident whose name is shown can read that somebody looked at what was written down about them.
"""

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from portal.accounts.queries import called, reference_of
from portal.audit.operations import record_beside
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.values import Case
from portal.db.session import session
from portal.desk.audit import bp
from portal.desk.case_words import title_of
from portal.staff import looks
from portal.staff.rights import needs
from portal.staff.sessions import current_staff, find_members
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

MOST: Final = 20
_ID: Final = re.compile(r"(?:([a-z_]{1,40}):)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_CASES: Final = select(*CASE_COLUMNS).where(CaseRow.id.in_(bindparam("ids", expanding=True)))

Asked = tuple[str, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """One id that was asked for: what it is called, and what else tells it from others."""

    asked: str
    name: str
    more: str = ""


class WhoForm(forms.Form):
    """The ids to find out about."""

    ids = forms.TextAreaField(
        _("Ids from the audit trail"),
        hint=_(
            "One on each line, with its kind, such as staff:…, account:… or case:…. Without a kind it is an account."
        ),
        required=_("Enter at least one id"),
        max_length=2000,
        rows=4,
        spellcheck=False,
    )

    @property
    def asked(self) -> list[Asked]:
        """The ids with their kinds, each once."""
        found = _ID.findall(str(self.ids.data))
        return list(dict.fromkeys(((kind or "account").lower(), uuid.UUID(each)) for kind, each in found))


@bp.route("/who", methods=["GET", "POST"])
@needs("audit")
def who() -> str:
    """Say whose ids these are, once it is written down who asked."""
    form = WhoForm()
    asked = form.asked if form.accepted() else []
    if form.posted and not form.errors and not 1 <= len(asked) <= MOST:
        form.refuse(gettext("Enter whole ids, %(most)s at most", most=MOST), "ids")
        asked = []
    return render("desk/audit/who.html", form=form, known=_resolved(asked) if asked else [])


def _resolved(asked: Collection[Asked]) -> list[Known]:
    record_beside("audit.identified", actor=current_staff().actor, asked=[f"{kind}:{each}" for kind, each in asked])
    found: dict[Asked, Known] = {}
    for kind, find in _FIND.items():
        ids = {each for its_kind, each in asked if its_kind == kind}
        found |= {(kind, each): known for each, known in find(ids).items()} if ids else {}
    return [found.get(each) or _unknown(*each) for each in asked]


def _unknown(kind: str, each: uuid.UUID) -> Known:
    if kind in _FIND:
        return Known(_text(kind, each), gettext("Nobody and nothing that is still known"))
    return Known(_text(kind, each), gettext("What this id stands for cannot be found out here"))


def _staff(ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Known]:
    return {
        each: Known(_text("staff", each), member.name, ", ".join((member.email, *member.groups)))
        for each, member in find_members(ids).items()
    }


def _accounts(ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Known]:
    people = called(ids)
    _note_looks(people)
    return {
        each: Known(_text("account", each), person.full_name or gettext("No name given"), reference_of(each))
        for each, person in people.items()
    }


def _cases(ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Known]:
    found = [case_from(row) for row in session().execute(_CASES, {"ids": list(ids)})]
    _note_looks({case.account_id for case in found if case.account_id is not None})
    return {case.id: Known(_text("case", case.id), case.reference, _about(case)) for case in found}


def _about(case: Case) -> str:
    return f"{title_of(case)}, account:{case.account_id}" if case.account_id else title_of(case)


def _note_looks(account_ids: Iterable[uuid.UUID]) -> None:
    for each in sorted(account_ids):
        looks.note_look(current_staff(), account_id=each, what="audit", reason="audit", right="audit")


def _text(kind: str, each: uuid.UUID) -> str:
    return f"{kind}:{each}"


_FIND: Final[Mapping[str, Callable[[set[uuid.UUID]], Mapping[uuid.UUID, Known]]]] = {
    "staff": _staff,
    "account": _accounts,
    "case": _cases,
}
