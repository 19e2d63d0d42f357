"""The worklist: what somebody has to do, what their teams have, and a search over all that they may see."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.audit.operations import record_beside
from portal.cases.search_words import read_typed
from portal.cases.teams import all_teams
from portal.cases.types import all_types, find_type
from portal.cases.values import Case
from portal.db.session import session
from portal.desk import case_words, last_list, saved_filters, where_fields
from portal.desk.filters import DUES, LONGEST_SEARCH, ME, NOBODY, SORTS, VIEWS, Filter, read_filter
from portal.desk.searching import search_of
from portal.desk.worklist import COUNTED, Page, Reader, counts, names_of, page_of, read_marks
from portal.signing.box import derived
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff, find_members
from portal.web.languages import gettext as _
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("desk", __name__, url_prefix=PREFIX, template_folder="templates")

LOOKED_EVERY: Final = timedelta(minutes=15)
_LOOKED = (
    select(AuditEntry.id)
    .where(
        AuditEntry.actor == bindparam("actor"),
        AuditEntry.act == bindparam("act"),
        AuditEntry.at > bindparam("since"),
        AuditEntry.details == bindparam("details", type_=AuditEntry.details.type),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the list shows it."""

    case: Case
    kind: str
    who: str
    status: str
    colour: str
    promise: case_words.Promise | None
    holder: str
    team: str


@bp.get("/cases")
@needs("look")
def worklist() -> ResponseReturnValue:
    """One page of a list or of what a search found. Without a filter in the address it is the one they start with."""
    staff = current_staff()
    if not request.args:
        start = saved_filters.find_default(staff.id)
        if start is not None:
            return redirect(url_for(".worklist", saved=str(start.id)), 303)
    reader, chosen = Reader(staff, current_grants()), _chosen(staff.id)
    mark = read_marks(request.args.get("after", ""), request.args.get("before", ""))
    if chosen.q.strip():
        found = search_of(reader, chosen, mark)
        page, incomplete = found.page, found.incomplete
    else:
        page, incomplete = page_of(reader, chosen, mark), False
    note_listed(chosen, many=len(page.cases))
    last_list.remember(_address(chosen, after=request.args.get("after", ""), before=request.args.get("before", "")))
    return render("desk/worklist.html", **_shown(reader, chosen, page), incomplete=incomplete)


def note_listed(chosen: Filter, *, many: int) -> None:
    """Write down that residents' names were listed: by which filter, never which words were typed.

    The same list again within some minutes is one look; a search for another name is another one. Opening a case is
    written down apart, for its resident to see.
    """
    if not many:
        return
    words = len(chosen.q.split())
    details: dict[str, Any] = {"filter": {**chosen.written(q=""), **({"words": words} if words else {})}}
    if words:
        details["searched_for"] = _mark_of(chosen.q)
    _note_once("staff.searched" if words else "staff.listed", details)


def note_many(bulk_id: uuid.UUID, *, many: int) -> None:
    """The same where the cases of one act on many are listed."""
    if many:
        _note_once("staff.listed", {"bulk": str(bulk_id)})


def _note_once(act: str, details: dict[str, Any]) -> None:  # plain JSON values
    actor = current_staff().actor
    since = clock.now() - LOOKED_EVERY
    known = session().scalar(_LOOKED, {"actor": actor, "act": act, "since": since, "details": details})
    if known is None:
        record_beside(act, actor=actor, **details)


def _mark_of(words: str) -> str:
    """What tells one search from another and does not say what was typed. By the secret key, so that nobody finds out
    by trying names.
    """
    key = derived(web_state().settings.secret_key.get_secret_value(), "searched for")
    return hmac.new(key, read_typed(words).query.encode(), sha256).hexdigest()[:16]


def _chosen(staff_id: uuid.UUID) -> Filter:
    saved = saved_filters.find_usable(staff_id, current_grants(), request.args.get("saved", ""))
    return read_filter(saved.filter if saved is not None else request.args)


def _shown(reader: Reader, chosen: Filter, page: Page) -> dict[str, Any]:
    names, teams = names_of(page.cases), {team.slug: team.name for team in all_teams(closed=True)}
    holders = {case.holder_id for case in page.cases if case.holder_id is not None}
    members = {member.id: member.name for member in find_members(holders).values()}
    numbers, more = counts(reader)
    return {
        "chosen": chosen,
        "view_name": VIEWS[chosen.view],
        "rows": [_row(case, names, members, teams) for case in page.cases],
        "previous": _link(chosen, before=page.previous),
        "next": _link(chosen, after=page.next),
        "views": _views(chosen, numbers, more),
        "options": _options(chosen, teams, reader),
        "fields": chosen.written(),
        "to_save": chosen.written(q=""),
        "is_narrowed": bool(chosen.written(view="teams", q="")),
        "saved": saved_filters.usable_by(reader.staff.id, reader.grants),
        "may_change_many": reader.grants.allow("lead"),
        "counted": COUNTED if more else 0,
        "longest_search": LONGEST_SEARCH,
    }


def _row(case: Case, names: dict[uuid.UUID, str], members: dict[uuid.UUID, str], teams: dict[str, str]) -> Row:
    who = names.get(case.account_id, "") if case.account_id else ""
    return Row(
        case=case,
        kind=case_words.title_of(case),
        who=who or (_("No name given") if case.account_id else _("No longer kept")),
        status=case_words.status_of(case),
        colour=case_words.colour_of(case),
        promise=case_words.promise_of(case),
        holder=members.get(case.holder_id, _("Somebody who has left")) if case.holder_id else _("Nobody yet"),
        team=teams.get(case.team, case.team),
    )


def _link(chosen: Filter, **mark: str | None) -> str:
    """The address of another page of the same list; empty where there is none."""
    return "" if None in mark.values() else _address(chosen, **mark)


def _address(chosen: Filter, **mark: str | None) -> str:
    """The list in an address, which names its view even where it is the usual one: without, it is the start."""
    marks = {name: value for name, value in mark.items() if value}
    return f"?{urlencode({'view': chosen.view, **chosen.written(), **marks})}"


def _views(chosen: Filter, numbers: dict[str, int], more: bool) -> list[dict[str, Any]]:
    """The views as links, each with how many it has, as far as was counted."""
    found = []
    for view, title in VIEWS.items():
        many = numbers.get(view)
        text = "" if many is None else f"{min(many, COUNTED):,}{'+' if more else ''}"
        href = f"?{urlencode({'view': view, **chosen.written(view='teams', q='')})}"
        found.append({"text": str(title), "count": text, "href": href, "current": view == chosen.view and not chosen.q})
    return found


def _options(chosen: Filter, teams: dict[str, str], reader: Reader) -> list[dict[str, Any]]:
    """The choices above the list. Only teams, kinds and areas of theirs are offered."""
    mine = reader.grants.teams("look")
    shown_teams = {slug: name for slug, name in teams.items() if mine is None or slug in mine}
    holders = {"": _("Anybody"), ME: _("Me"), NOBODY: _("Nobody")}
    if chosen.holder and chosen.holder not in holders:
        holders[chosen.holder] = case_words.holder_name(uuid.UUID(chosen.holder))
    channels = {code: str(words) for code, words in case_words.CHANNELS.items()}
    every = (
        ("kind", _("Service or kind of case"), {"": _("All")} | _kinds(reader)),
        ("status", _("Status"), {"": _("Any")} | _statuses(chosen)),
        ("team", _("Team"), {"": _("All that you may see")} | shown_teams),
        ("holder", _("Who deals with it"), holders),
        ("channel", _("How it came"), {"": _("Any")} | channels),
        ("due", _("Promised for"), {code: str(words) for code, words in DUES.items()}),
        ("sort", _("Order"), {code: str(words) for code, words in SORTS.items()}),
    )
    return [
        {"id": name, "label": label, "items": _items(choices, getattr(chosen, name))} for name, label, choices in every
    ]


def _items(choices: dict[str, str], value: str) -> list[dict[str, Any]]:
    if value not in choices:
        choices = {**choices, value: value}
    return [{"value": code, "text": text, "checked": code == value} for code, text in choices.items()]


def _kinds(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in all_types():
        if reader.grants.allow("look", service=each.service, type=each.slug):
            found.setdefault(each.service, where_fields.in_words(each.service, ""))
            found[f"{each.service}/{each.slug}"] = str(each.title)
    return found


def _statuses(chosen: Filter) -> dict[str, str]:
    """The statuses of the kind that was chosen, or of all: by code, so that one choice serves many kinds."""
    service, _slash, kind = chosen.kind.partition("/")
    types: Sequence[Any] = all_types()
    if kind and (one := find_type(service, kind)):
        types = [one]
    return {
        status.code: str(status.title)
        for each in types
        for status in each.statuses
        if not service or each.service == service
    }
