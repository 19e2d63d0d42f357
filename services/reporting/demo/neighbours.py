"""Reports of the demo's neighbourhood: invented words on invented streets (`data/demo_reports.json`), for map and list.

Nobody signs in as these neighbours: they rang, so their reports are kept for them as for any caller. The last few wait
for a moderator.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5

from portal.kit import Account, clock, get_account, open_for_caller, session
from services.reporting.demo.residents import DEMO, go_through, hand_over, morning_of
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import set_priority, show_report
from services.reporting.operations.sending import file_report
from services.reporting.operations.updating import say_for_council
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.settings.reporting import DATA

CALLERS: Final = (("Nell", "Quillby"), ("Tariq", "Fenwright"), ("Siân", "Merlin"), ("Odette", "Larkham"))
UNSEEN: Final = 4
"""So many of the newest wait for a moderator."""

Told = Mapping[str, Any]  # one entry of the file: see `demo_reports`


@cache
def demo_reports() -> tuple[Told, ...]:
    """The reports, in the order of the file. Places are on the demo's map; answers fit the demo's categories."""
    return tuple(json.loads((DATA / "demo_reports.json").read_text("utf-8")))


def load(staff: str) -> None:
    """File what is not there yet, oldest first, and let `staff` deal with it. Doing it again adds nothing."""
    numbered = [(uuid5(DEMO, f"neighbour {number}"), told) for number, told in enumerate(demo_reports())]
    missing = [each for each in numbered if session().get(Report, each[0]) is None]
    if not missing:
        return
    callers = [_caller(staff, *names) for names in CALLERS]
    in_order = sorted(missing, key=lambda each: -each[1]["days_ago"])
    for number, (report_id, told) in enumerate(in_order):
        seen = number < len(in_order) - UNSEEN
        _file(callers[number % len(callers)], report_id, told, staff, seen=seen)


def _caller(staff: str, given_name: str, family_name: str) -> Account:
    return get_account(open_for_caller(staff, given_name=given_name, family_name=family_name))


def _file(caller: Account, report_id: UUID, told: Told, staff: str, *, seen: bool) -> None:
    place = Place(told["place"], Point(told["lat"], told["lon"]), usrn=told["usrn"], asset=told.get("asset"))
    written = Written(told["category"], place, told["words"], answers=told["answers"])
    sent_at = morning_of(told["days_ago"], told["words"])
    with clock.as_of(sent_at):
        case = file_report(caller, report_id=report_id, written=written, channel="telephone")
        if seen:
            show_report(staff, report_id=report_id)
        if "priority" in told:
            set_priority(staff, report_id=report_id, priority=told["priority"])
    go_through(case, told["moves"], told["reason"], sent_at=sent_at, staff=staff)
    hand_over(report_id)
    if told["reason"]:
        said_at = min(sent_at + timedelta(days=len(told["moves"]) - 1, hours=1), clock.now())
        with clock.as_of(said_at):
            say_for_council(staff, report_id=report_id, words=told["reason"], key=report_id)
