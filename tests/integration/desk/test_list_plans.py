"""Every list, search and sum runs along an index and reads a bounded number of rows, shown on some thousand cases."""

import json
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from portal.accounts.values import Account
from portal.db.session import db, session
from portal.desk import day_sums
from portal.desk.filters import Filter
from portal.desk.searching import search_of
from portal.desk.worklist import Reader, page_of
from portal.staff.values import Grant, Grants, Staff

MANY = 8000
FILL = (
    "insert into portal.case (id, service, type, reference, account_id, status, summary, opened_at, updated_at,"
    " closed_at, version, channel, area, team, holder_id, waits_for, due_at, reopened, rating_words, opened_by,"
    " identity_check) select gen_random_uuid(), 'reporting', 'pothole', 'L' || n, :account, 'received', '',"
    " now() - (:many - n) * interval '2 hours', now(),"
    " case when n % 10 > 0 then now() - (:many - n) * interval '2 hours' end, 1, 'web', '', 'team' || n % 7,"
    " case when n % 3 = 0 then cast(lpad((n % 40)::text, 32, '0') as uuid) end, 'council',"
    " case when n % 20 > 0 then now() + (n - :many / 2) * interval '1 hour' end, 0, '', 'system:tests', ''"
    " from generate_series(1, :many) n",
    "insert into portal.case_search (case_id, opened_at, facts, read_at, words) select id, opened_at, '', now(),"
    " array_to_tsvector(array['common', reference, '#t' || team, 'half' || (ascii(right(reference, 1)) % 2),"
    " '#d' || floor(extract(epoch from opened_at) / 86400)::int,"
    " '#w' || floor(extract(epoch from opened_at) / 86400)::int / 7,"
    " '#q' || floor(extract(epoch from opened_at) / 86400)::int / 7 / 13]) from portal.case",
)
EVERYWHERE = Reader(Staff(uuid.UUID(int=3), "A", "a@staff.example", (), "en"), Grants((Grant("lead"),)))
TWO_TEAMS = Reader(EVERYWHERE.staff, Grants((Grant("lead", team="team1"), Grant("lead", team="team2"))))


@pytest.fixture
def many(app: Flask, sam: Account, cleaning_engine: Engine) -> Iterator[None]:
    """Some thousand cases, a tenth of them open, in a context of the application."""
    with cleaning_engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"account": sam.id, "many": MANY})
        connection.execute(text("analyze portal.case, portal.case_search"))
    with app.app_context():
        yield


def plans(act: Any) -> list[dict[str, Any]]:
    """The scans of all statements that it sends, as PostgreSQL did them."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "Scan" in node["Node Type"]:
            yield node
        for child in node.get("Plans", ()):
            yield from scans(child)

    found = []
    for statement, parameters in sent:
        (plan,) = (
            session().connection().exec_driver_sql(f"explain (analyze, format json) {statement}", parameters).scalars()
        )
        whole = plan if isinstance(plan, list) else json.loads(plan)
        found += scans(whole[0]["Plan"])
    return found


def indexes(act: Any) -> set[str]:
    """The indexes that it goes along. No table of cases is read from one end to the other."""
    found = plans(act)
    read_whole = [
        scan for scan in found if scan["Node Type"] == "Seq Scan" and scan["Relation Name"].startswith("case")
    ]
    assert read_whole == []
    return {scan["Index Name"] for scan in found if "Index Name" in scan}


def test_each_list_goes_along_the_index_of_its_order(many: None) -> None:
    expected = (
        (EVERYWHERE, Filter(), "ix_case_open_due"),
        (EVERYWHERE, Filter("overdue"), "ix_case_open_due"),
        (EVERYWHERE, Filter("unassigned"), "ix_case_open_due"),
        (EVERYWHERE, Filter("mine"), "ix_case_holder_open"),
        (EVERYWHERE, Filter(sort="newest"), "ix_case_open_newest"),
        (EVERYWHERE, Filter("closed"), "ix_case_closed_newest"),
        (TWO_TEAMS, Filter(), "ix_case_team_open"),
        (TWO_TEAMS, Filter("overdue"), "ix_case_team_open"),
        (EVERYWHERE, Filter(team="team4"), "ix_case_team_open"),
    )
    for reader, chosen, index in expected:
        assert indexes(lambda reader=reader, chosen=chosen: page_of(reader, chosen)) == {index}, chosen


def test_a_page_reads_little_more_than_it_shows(many: None) -> None:
    for reader in (EVERYWHERE, TWO_TEAMS):
        for chosen in (Filter(), Filter(sort="newest")):
            read = sum(s["Actual Rows"] * s["Actual Loops"] for s in plans(lambda r=reader, c=chosen: page_of(r, c)))
            assert read <= 200, (reader.grants, chosen)


@pytest.mark.parametrize("typed", ["common ", "half1 common ", "l77", "none "])
def test_a_search_reads_the_index_of_words_and_then_cases_by_their_id(many: None, typed: str) -> None:
    found = indexes(lambda: search_of(EVERYWHERE, Filter(q=typed)))
    assert found <= {"ix_case_search_words", "pk_case", "case_pkey", "ix_case_search_unread"}, found
    assert "ix_case_search_words" in found


def test_a_common_word_is_looked_for_in_the_last_weeks_alone(many: None) -> None:
    found = plans(lambda: search_of(EVERYWHERE, Filter(q="common ")))
    rows = [scan["Actual Rows"] for scan in found if scan.get("Relation Name") == "case_search"]
    assert len(rows) == 2  # two days do not fill a page, two weeks do
    assert max(rows) <= 14 * 12


def test_a_day_is_added_up_by_its_index(many: None) -> None:
    found = indexes(
        lambda: session().execute(day_sums.sums_of(day_sums._DAY, day_sums._DAY), {"day": date(2026, 11, 1)})
    )
    assert found == {"ix_case_opened_on", "ix_case_closed_on"}
