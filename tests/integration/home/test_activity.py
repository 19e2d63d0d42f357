"""All that happened, in cases and beside them: filtered, and page by page without gap or repeat."""

import dataclasses
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, get_args

import pytest
from flask import Flask

from portal import clock
from portal.accounts.values import Account
from portal.cases.values import Case, EventKind
from portal.errors import Unavailable
from portal.home import activity
from portal.home.activity import KINDS
from portal.kit import Activity
from portal.registry import mount
from tests.integration.home.pothole import reply, report, sams
from tests.support.fixtures import Clock
from tests.support.residents import Resident

__all__ = ["report", "sams"]

UNSEEN = {"taken", "released", "passed_on", "escalated", "note_written", "forgotten"}
"""What no resident sees on a timeline of theirs."""


@pytest.fixture
def reports(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the service for reports report these things: (days ago, title)."""

    def one(*things: tuple[float, str], fails: bool = False) -> None:
        def hook(_account: Account) -> Sequence[Activity]:
            if fails:
                raise Unavailable("gone")
            return [
                Activity(at=clock.now() - timedelta(days=days), title=title, url="/services/reporting/")
                for days, title in things
            ]

        services = {
            slug: dataclasses.replace(each, service=dataclasses.replace(each.service, activity=hook))
            if slug == "reporting"
            else each
            for slug, each in app.extensions[mount.EXTENSION].items()
        }
        monkeypatch.setitem(app.extensions, mount.EXTENSION, services)

    return one


def test_every_kind_of_entry_that_residents_see_is_under_a_filter() -> None:
    filtered = [kind for kinds in KINDS.values() for kind in kinds]
    assert len(set(filtered)) == len(filtered)
    assert set(filtered) == set(get_args(EventKind)) - UNSEEN


def test_what_services_report_is_there_and_can_be_filtered(sams: Resident, report: Case, reports: Any) -> None:
    reports((1, "You paid your rent"))
    for query in ("", "?service=reporting", "?what=services"):
        assert "You paid your rent" in sams.get(f"/activity{query}"), query
    assert "You paid your rent" not in sams.get("/activity?what=status")
    assert report.reference not in sams.get("/activity?what=services")


def test_a_service_that_does_not_answer_is_named(sams: Resident, report: Case, reports: Any) -> None:
    reports(fails=True)
    page = sams.get("/activity")
    assert "does not answer at the moment" in page
    assert report.reference in page


def test_pages_of_both_meet_without_gap_or_repeat(
    app: Flask, sams: Resident, report: Case, reports: Any, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    monkeypatch.setattr(activity, "PAGE", 3)
    for each in range(7):
        at.advance(seconds=60)
        reply(app, report, f"Answer {each}.", key=f"key-{each}")
    minute = 1 / 1440
    reports(*((minute * each, f"Rent {each}.") for each in (0, 0.5, 2, 3.5, 5.5, 100)))
    seen, path, pages = [], "/activity", 0
    while path:
        page = sams.get(path)
        seen += re.findall(r"Answer \d|Rent [\d.]+(?=\.)", page)
        path = sams.client.page.links().get("Show older activity", "")
        pages += 1
    assert pages == 3
    assert sorted(seen) == sorted(set(seen)), "nothing twice"
    answers = [each for each in seen if each.startswith("Answer")]
    assert answers == [f"Answer {each}" for each in range(6, -1, -1)]
    assert [each for each in seen if each.startswith("Rent")] == [
        f"Rent {each}" for each in ("0", "0.5", "2", "3.5", "5.5", "100")
    ]


@pytest.mark.parametrize("mark", ["nonsense", "1-99999999999999999", "5", "99-\u0660"])
def test_a_mark_that_cannot_be_read_means_the_first_page(sams: Resident, report: Case, mark: str) -> None:
    assert sams.client.get("/activity", query_string={"before": mark}).status_code == 200
