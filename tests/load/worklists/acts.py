"""The calls that are measured: lists, searches, statistics and whole pages, for each reader."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from portal.desk.filters import Filter, View
from portal.desk.searching import search_of
from portal.desk.statistics import Wanted, statistics_of
from portal.desk.worklist import Reader, counts, page_of, read_marks
from portal.staff.values import Grant, Grants, Staff
from tests.load.worklists.filling import Words, reference
from tests.support.staff import Colleague


def readers() -> dict[str, Reader]:
    """Somebody with rights everywhere, for a team, for two, and for one kind in one ward."""

    def reader(n: int, *grants: Grant) -> Reader:
        return Reader(Staff(uuid.UUID(int=n), "Load", "load@staff.example", (), "en"), Grants(grants))

    return {
        "everything": reader(1, Grant("lead")),
        "one team": reader(2, Grant("caseworker", team="street_lighting")),
        "two teams": reader(3, Grant("caseworker", team="highways"), Grant("caseworker", team="street_lighting")),
        "one kind, one ward": reader(4, Grant("caseworker", service="reporting", type="graffiti", area="ward19")),
    }


def acts_on_lists() -> Iterator[tuple[str, Callable[[int], object]]]:
    """Each view for each reader, later pages, filters, and the numbers beside the views."""
    views: tuple[View, ...] = (
        "teams", "mine", "unassigned", "ours", "theirs", "held", "nearly_due", "overdue", "escalated", "closed",
    )  # fmt: skip
    known = readers()
    for name, who in known.items():
        for view in views:
            yield f"{view} ({name})", lambda _n, who=who, view=view: page_of(who, Filter(view))
        yield f"newest ({name})", lambda _n, who=who: page_of(who, Filter(sort="newest"))
        yield f"numbers of the views ({name})", lambda _n, who=who: counts(who)
    everything, two = known["everything"], known["two teams"]
    for name, who in (("everything", everything), ("two teams", two)):
        first = page_of(who, Filter())
        for _ in range(9):
            first = page_of(who, Filter(), read_marks(first.next or "", ""))
        yield (
            f"tenth page ({name})",
            lambda _n, who=who, at=first.next: page_of(who, Filter(), read_marks(at or "", "")),
        )
        yield f"back ({name})", lambda _n, who=who, at=first.previous: page_of(who, Filter(), read_marks("", at or ""))
    for label, chosen in {
        "filter: kind, ward and status": Filter(kind="reporting/graffiti", area="ward19", status="in_progress"),
        "filter: by letter, nobody has it": Filter(channel="letter", holder="nobody"),
        "filter: nothing promised": Filter(due="none"),
        "filter: no such ward": Filter(area="nowhere"),
        "filter: no such ward, closed": Filter("closed", area="nowhere"),
    }.items():
        yield label, lambda _n, chosen=chosen: page_of(everything, chosen)


def acts_of_search(known: Words, many: int) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Words from the most frequent to none, beginnings of words, names, places and references."""
    everything = readers()["everything"]

    def rare(n: int) -> str:
        return known.all[20_000 + 7 * n]

    def middle(n: int) -> str:
        return known.all[400 + n]

    typed: dict[str, Callable[[int], str]] = {
        "most frequent word": lambda _n: "road ",
        "two frequent words": lambda _n: "road street ",
        "word of one in a thousand": lambda n: f"{middle(n)} ",
        "rare word": lambda n: f"{rare(n)} ",
        "no such word": lambda n: f"zzz{n} ",
        "frequent and rare word": lambda n: f"road {rare(n)} ",
        "three frequent words that are never together": lambda _n: "road street pothole graffiti ",
        "beginning, frequent": lambda _n: "str",
        "beginning of many words": lambda n: known.all[n + 50][:3],
        "beginning, rare": lambda n: rare(n)[:6],
        "family name": lambda n: f"{known.names[n + 100]} ",
        "whole name": lambda n: f"{known.names[n]} {known.names[n + 3]} ",
        "postcode and house": lambda n: f"w{n % 19} {n % 9}ab house ",
        "reference": lambda n: reference(n * many // 100 % many),
        "half a reference": lambda n: reference(n * many // 100 % many)[:4],
    }
    for label, what in typed.items():
        yield f"search: {label}", lambda n, what=what: search_of(everything, Filter(q=what(n)))
    for name, who in readers().items():
        yield f"search: most frequent word ({name})", lambda _n, who=who: search_of(who, Filter(q="road "))
        yield f"search: rare word ({name})", lambda n, who=who: search_of(who, Filter(q=f"{rare(n)} "))
    chosen = Filter(q="road ", area="ward19", kind="reporting/graffiti", status="in_progress")
    yield "search: most frequent word, filtered", lambda _n: search_of(everything, chosen)
    second = search_of(everything, Filter(q="road ")).page.next
    yield "search: second page", lambda _n: search_of(everything, Filter(q="road "), read_marks(second or "", ""))


def acts_of_statistics() -> Iterator[tuple[str, Callable[[int], object]]]:
    """A quarter and a year, for all and for a team."""
    today = datetime.now(UTC).date()
    for name, who in readers().items():
        if name in ("everything", "one team"):
            grants = Grants(
                tuple(Grant("lead", each.service, each.type, each.area, each.team) for each in who.grants.each)
            )
            for label, days in (("quarter", 91), ("year", 365)):
                for by in ("month", "kind"):
                    wanted = Wanted(today - timedelta(days=days), today, by)
                    yield (
                        f"statistics: {label} by {by} ({name})",
                        lambda _n, grants=grants, wanted=wanted: statistics_of(grants, wanted),
                    )


def acts_of_pages(who: Colleague) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Whole pages, sign-in check, rights, audit and HTML included."""
    who.client.check_pages = False
    for path in ("/desk/cases?view=teams", "/desk/cases?view=overdue", "/desk/cases?q=road+", "/desk/statistics"):
        yield f"page {path}", lambda _n, path=path: who.get(path)
