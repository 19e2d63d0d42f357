"""Everything that happened in the resident's cases and what services report besides, page by page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, request

from portal.accounts.values import Account
from portal.cases import queries as cases
from portal.home.asking import Asked, ask_all
from portal.home.cards import Answer, plain
from portal.home.filters import choice
from portal.home.linked import lines_between, linked
from portal.home.recent import Recent, from_event
from portal.identity.sessions import current_account
from portal.kit.values import Activity
from portal.registry.discovery import Mounted
from portal.registry.mount import mounted
from portal.registry.switches import reasons
from portal.web.languages import gettext as _
from portal.web.page import render

bp = Blueprint("activity", __name__, template_folder="templates")
PAGE = 25
KINDS = {
    "status": (
        "opened",
        "claimed",
        "moved",
        "team_changed",
        "routed",
        "held",
        "resumed",
        "merged",
        "absorbed",
        "reopened",
        "rated",
    ),
    "messages": ("message_sent", "document_added", "document_removed"),
    "tasks": (
        "task_set",
        "task_done",
        "task_withdrawn",
        "cosign_asked",
        "cosigned",
        "cosign_declined",
        "cosign_withdrawn",
        "cosign_bounced",
    ),
}
SERVICES = "services"
"""What services report of their own, which is in no case."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MARK: Final = re.compile(r"(\d{1,18})-(\d{1,17})")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: `event` is the last of the ledger on it, `at` the earliest moment that it reached back to."""

    event: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.event}-{(self.at - _EPOCH) // _MICROSECOND}"


@bp.get("/activity")
def activity() -> str:
    """The ledger of the resident's cases with what services report, newest first. `before` is where a page ended."""
    account, services = current_account(), {each.slug: each for each in mounted()}
    service, what = request.args.get("service", ""), request.args.get("what", "")
    off = reasons()
    elsewhere = {each.slug: each for each in linked(account, off)[0]}
    chosen = service if service in services or service in elsewhere else None
    others = [each for each in elsewhere.values() if what not in KINDS and chosen in (None, each.slug)]
    asked = [each for each in services.values() if chosen in (None, each.slug)]
    answers = _ask(asked, account, off) if what not in KINDS else []
    mark = _read(request.args.get("before"))
    events, older = cases.recent_events_page(
        account.id,
        service=chosen,
        kinds=() if what == SERVICES else KINDS.get(what),
        before=mark.event if mark else None,
        limit=PAGE,
    )
    reaches = min(events[-1].at, mark.at if mark else events[-1].at) if older else None
    lines = [from_event(event, services.get(event.service)) for event in events]
    lines += _within(answers, since=reaches, before=mark.at if mark else None)
    lines += lines_between(others, since=reaches, before=mark.at if mark else None)
    return render(
        "home/activity.html",
        lines=sorted(lines, key=lambda line: (line.at, line.reference), reverse=True),
        older=str(Mark(older, reaches)) if older and reaches else None,
        missing=[str(answer.service.title) for answer in answers if answer.problem],
        filters=_filters(services, elsewhere, service, what),
        chosen={"service": service, "what": what},
    )


def _ask(services: Sequence[Mounted], account: Account, off: Mapping[str, str]) -> list[Asked[list[Activity]]]:
    """What services report: short lists, which they give whole."""
    return ask_all(services, account, off, lambda each, whose: [plain(Activity, item) for item in each.activity(whose)])


def _within(
    answers: Sequence[Asked[list[Activity]]], *, since: datetime | None, before: datetime | None
) -> list[Recent]:
    """What belongs to the span of this page. Each page begins where the last one ended, so that nothing is lost or
    shown twice; the first has no end, the last no beginning.
    """
    return [
        Recent(item.at, item.title, str(answer.service.title), item.url)
        for answer in answers
        for item in answer.answer or ()
        if (since is None or item.at >= since) and (before is None or item.at < before)
    ]


def _filters(
    services: dict[str, Mounted], elsewhere: dict[str, Answer], service: str, what: str
) -> list[dict[str, object]]:
    titles = {slug: str(each.service.title) for slug, each in services.items()}
    titles |= {slug: each.title for slug, each in elsewhere.items()}
    kinds = {
        "": _("Everything"),
        "status": _("Where a case stands"),
        "messages": _("Messages and documents"),
        "tasks": _("What we asked for"),
        SERVICES: _("Other news of our services"),
    }
    return [
        choice("service", _("Service"), {"": _("All services"), **titles}, service),
        choice("what", _("What happened"), kinds, what),
    ]


def _read(mark: str | None) -> Mark | None:
    """What `Mark` wrote, straight from an address; None for anything else, which means the first page."""
    found = _MARK.fullmatch(mark or "")
    if found is None:
        return None
    try:
        return Mark(found[1], _EPOCH + int(found[2]) * _MICROSECOND)
    except OverflowError:
        return None
