"""What everybody sees of reports: the list, one report, the map's marks, the feed. Never who, never what is private."""

import io
import re
from uuid import UUID
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import Address, session
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.moderating import hide_report, moderate_photo, show_report
from services.reporting.operations.photos import add_photo_to
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.tests.telling import (
    HERE,
    PROBLEMS,
    STAFF,
    Stranger,
    filed,
    moved,
    reference_of,
)
from services.reporting.views import public
from tests.support.photos import photo
from tests.support.residents import Resident, statements
from tests.support.worker import work

ATOM = {"a": "http://www.w3.org/2005/Atom", "geo": "http://www.georss.org/georss"}


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


@pytest.fixture
def after_a_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The council looks at words before it shows them."""
    changed = ReportingSettings(words_shown="after_a_look")
    monkeypatch.setitem(app.extensions, "moothall.settings.reporting", changed)


def test_everybody_sees_the_problem_and_nobody_who_reported_it(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada, "A deep <b>hole</b>.\nBy the kerb.")
    moved(report_id, "with_team")
    page = stranger.get(f"{PROBLEMS}/{reference_of(report_id)}")
    for words in ("Pothole", "Larkspur Lane", "A deep &lt;b&gt;hole&lt;/b&gt;.", "By the kerb.", "With the team"):
        assert words in page
    for secret in ("Ada", "Tester", "ada@", "For its owner."):
        assert secret not in page
    assert reference_of(report_id) in stranger.get(PROBLEMS)


@pytest.mark.parametrize("typed", ["{lower}", "{spaced}"])
def test_a_reference_is_understood_however_it_is_typed(
    ada: Resident, stranger: Stranger, context: Flask, typed: str
) -> None:
    reference = reference_of(filed(ada))
    written = typed.format(lower=reference.lower(), spaced=reference.replace("-", "%20"))
    assert reference in stranger.get(f"{PROBLEMS}/{written}")


def test_what_is_private_or_hidden_looks_like_what_never_was(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask
) -> None:
    private, hidden = filed(ada, private=True), filed(ada)
    hide_report(STAFF, report_id=hidden)
    session().commit()
    for reference in (reference_of(private), reference_of(hidden), "2222-2222"):
        stranger.get(f"{PROBLEMS}/{reference}", status=404)
        ben.get(f"{PROBLEMS}/{reference}", status=404)
        assert reference not in stranger.get(PROBLEMS)
        assert reference not in stranger.get(f"{PROBLEMS}.atom")
    own = ada.client.get(f"{PROBLEMS}/{reference_of(private)}")
    assert own.location == f"/cases/{reference_of(private)}"


def test_words_and_place_wait_for_a_moderator_where_the_council_looks_first(
    ada: Resident, stranger: Stranger, context: Flask, after_a_look: None
) -> None:
    report_id = filed(ada, "Mr Smith dug a hole.", place="Outside the Smiths'")
    address = f"{PROBLEMS}/{reference_of(report_id)}"
    for page in (address, PROBLEMS, f"{PROBLEMS}.atom"):
        assert "Smith" not in stranger.get(page)
    show_report(STAFF, report_id=report_id, words="A hole.", place="Larkspur Lane")
    session().commit()
    page = stranger.get(address)
    assert "A hole." in page
    assert "Larkspur Lane" in page
    assert "Smith" not in page


def test_filters_narrow_the_list_and_its_next_page(
    ada: Resident, stranger: Stranger, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.views.public.PAGE", 2)
    holes = [reference_of(filed(ada)) for _each in range(3)]
    paint = filed(ada, category="graffiti")
    moved(paint, "with_team", "fixed")
    first = stranger.get(f"{PROBLEMS}?category=pothole&state=open")
    assert [hole in first for hole in holes] == [False, True, True]
    (older,) = re.findall(r'href="([^"]+before=[^"]+)"', first)
    second = stranger.get(older.replace("&amp;", "&"))
    assert [hole in second for hole in holes] == [True, False, False]
    assert reference_of(paint) in stranger.get(f"{PROBLEMS}?state=closed")
    assert reference_of(paint) not in stranger.get(f"{PROBLEMS}?category=group:roads")


@pytest.mark.parametrize(
    "query",
    [
        "category=no_such",
        "ward=no_such",
        "state=strange",
        "before=nonsense",
        "lat=nan&lon=0&metres=1",
        "lat=90&lon=0&metres=500",
        "lat=51.49&lon=-0.23&metres=1e999",
        "before=2026-11-22T10:00:00~00000000-0000-4000-8000-000000000001",
        "category=%00&near=%3Cscript%3E",
    ],
    ids=["category", "ward", "state", "mark", "nan", "pole", "endless", "no-zone", "control"],
)
def test_an_address_that_says_nonsense_still_shows_the_list(stranger: Stranger, context: Flask, query: str) -> None:
    page = stranger.get(f"{PROBLEMS}?{query}")
    assert "<script>" not in page
    unknown = not query.startswith("before")
    assert ("We do not know" in page) == unknown
    stranger.get(f"{PROBLEMS}.atom?{query}", status=400 if unknown else 200)


def test_the_pages_links_leave_out_what_nobody_knows(stranger: Stranger, context: Flask) -> None:
    for page, link in (("", ".atom"), ("/map", "")):
        said = stranger.get(f"{PROBLEMS}{page}?ward=zzz&category=pothole")
        assert "We do not know “zzz”" in said
        assert f'"{PROBLEMS}{link}?category=pothole"' in said


def test_a_postcode_shows_what_is_around_it(ada: Resident, stranger: Stranger, context: Flask) -> None:
    near, far = reference_of(filed(ada)), reference_of(filed(ada, north=3000))
    location = stranger.send(f"{PROBLEMS}/near", postcode="W6 9JU", metres="1000")
    page = stranger.get(location)
    assert near in page
    assert far not in page
    assert "W6 9JU" in page
    page = stranger.send(f"{PROBLEMS}/near", status=200, postcode="M1 1AA")
    assert "We know no address of ours" in page
    assert 'href="https://www.gov.uk/find-local-council"' in page


def test_a_postcode_of_a_neighbour_says_who_is_responsible(
    stranger: Stranger, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Elsewhere:
        def by_postcode(self, postcode: str) -> list[Address]:
            return [Address("1", ("1 Far Road",), "Far Road", "Northgate", postcode, 51.60, -0.22)]

    monkeypatch.setattr(public, "gazetteer", Elsewhere)
    for page, values in ((f"{PROBLEMS}/near", {}), ("/services/reporting/alerts/new", {"where": "near"})):
        said = stranger.send(page, status=200, postcode="M1 1AA", metres="500", email="a@tests.example", **values)
        assert "Northgate Borough Council looks after it" in said


def test_a_photo_is_for_all_once_a_moderator_has_let_it_be_seen(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    add_photo_to(ada.account, report_id=report_id, stream=io.BytesIO(photo()))
    session().commit()
    work()
    reference, photo_id = reference_of(report_id), session().scalars(select(Photo.id)).one()
    address = f"{PROBLEMS}/{reference}/photos/1"
    stranger.get(address, status=404)
    moderate_photo(STAFF, photo_id=photo_id, shown=True)
    session().commit()
    assert stranger.client.get(address).mimetype == "image/jpeg"
    assert address in stranger.get(f"{PROBLEMS}/{reference}")
    stranger.get(f"{PROBLEMS}/{reference}/photos/2", status=404)


def spots(stranger: Stranger, zoom: int, box: str = "-0.24,51.48,-0.22,51.50") -> list[dict[str, object]]:
    answer = stranger.client.get(f"{PROBLEMS}/map.json?box={box}&zoom={zoom}")
    assert answer.status_code == 200
    return [feature["properties"] for feature in answer.get_json()["features"]]


def test_near_reports_are_one_mark_from_afar_and_apart_from_near(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    moved(filed(ada), "with_team", "fixed")
    for north in (0, 150):
        filed(ada, north=north)
    assert [each["count"] for each in spots(stranger, 9)] == [3]
    assert sorted(int(str(each["count"])) for each in spots(stranger, 18)) == [1, 2]
    together = next(each for each in spots(stranger, 18) if each["count"] == 2)
    assert together["open"] == 1
    page = stranger.get(str(together["url"]))
    assert page.count("moot-cases__item") == 2
    assert "metres of a place on the map" in page
    assert "Show everywhere" in page
    street = ReportingSettings().ground.street_near(HERE)
    assert street is not None
    assert together["title"] == f"2 reports near {street.label}"
    alone = next(each for each in spots(stranger, 18) if each["count"] == 1)
    assert re.fullmatch(r"Pothole, .+: Received", str(alone["title"]))


@pytest.mark.parametrize("box", ["", "1,2,3", "nan,nan,nan,nan", "0,0,0,0", "-180,-90,180,90", "9,9,1,1"])
def test_a_rectangle_that_is_none_of_ours_shows_nothing(
    ada: Resident, stranger: Stranger, context: Flask, box: str
) -> None:
    filed(ada)
    assert spots(stranger, 10, box) == []


def test_the_feed_is_as_atom_wants_it(ada: Resident, stranger: Stranger, context: Flask) -> None:
    report_id = filed(ada, "A hole\x0b with a bell\x07 & a <b>")
    raw = stranger.client.get(f"{PROBLEMS}.atom?category=pothole")
    assert raw.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(raw.data)  # our own
    for part in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:link[@rel='self']"):
        assert feed.find(part, ATOM) is not None, part
    assert str(feed.findtext("a:title", namespaces=ATOM)).endswith(", Pothole")
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:id", namespaces=ATOM) == f"urn:uuid:{report_id}"
    assert "A hole with a bell & a <b>" in str(entry.findtext("a:summary", namespaces=ATOM))
    assert entry.findtext("geo:point", namespaces=ATOM) == f"{HERE.lat:.6f} {HERE.lon:.6f}"
    again = stranger.client.get(f"{PROBLEMS}.atom?category=pothole", headers={"If-None-Match": raw.headers["ETag"]})
    assert again.status_code == 304


def test_a_list_of_twenty_costs_as_many_statements_as_one_of_two(
    app: Flask, ada: Resident, stranger: Stranger, context: Flask
) -> None:
    counts = []
    for more in (2, 18):
        for _each in range(more):
            filed(ada)
        stranger.get(PROBLEMS)
        with statements(app) as seen:
            stranger.get(PROBLEMS)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_of_a_merged_pair_leads_to_the_other(ada: Resident, stranger: Stranger, context: Flask) -> None:
    first, second = filed(ada), filed(ada)
    _merge(second, first)
    page = stranger.get(f"{PROBLEMS}/{reference_of(second)}")
    assert f"{PROBLEMS}/{reference_of(first)}" in page


def _merge(report_id: UUID, into: UUID) -> None:
    session().get_one(Report, report_id).merged_into_id = into
    session().commit()
