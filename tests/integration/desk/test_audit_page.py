"""The audit trail at the desk: for auditors alone, searched by what is known of an act, and taken away as a file."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from portal import clock
from portal.accounts.values import Account
from portal.audit import sealing
from portal.audit.operations import record
from portal.db.session import db, session
from portal.desk import audit as page
from tests.support.desk import do, report
from tests.support.staff import Colleague, colleague

ACT = "staff.looked"


@pytest.fixture
def alex(app: Flask) -> Colleague:
    """An auditor."""
    return colleague(app, "Alex", role="auditor")


@pytest.fixture
def trail(app: Flask, sam: Account) -> None:
    """Some entries of several kinds and days."""
    with app.app_context():
        for day in range(1, 6):
            moment = datetime.fromisoformat(f"2026-05-0{day}T12:00:00+00:00")
            with clock.as_of(moment):
                record("case.opened", actor=f"account:{sam.id}", account_id=sam.id, subject=f"case:{day}")
                record("case.moved", actor="staff:7", subject=f"case:{day}", target="done")
        session().commit()


def shown(alex: Colleague, query: str = "") -> list[tuple[str, str]]:
    """Act and day of each line, as the page has them."""
    html = alex.get(f"/desk/audit?{query}")
    return [(part.split("</strong>")[0], part.split('datetime="')[1][:10]) for part in html.split("<li><strong>")[1:]]


def looks(app: Flask) -> list[Any]:
    with app.app_context():
        return list(session().execute(text("select account_id, what, reason, role from portal.staff_look")).all())


@pytest.mark.parametrize("role", ["caseworker", "lead", "administrator"])
def test_nobody_but_an_auditor_reads_or_takes_it(app: Flask, role: str) -> None:
    other = colleague(app, "Sunita", role=role)
    other.get("/desk/audit", 403)
    other.get("/desk/audit/export", 403)
    other.post("/desk/audit/export", 403, format="jsonl")


def test_it_is_searched_by_act_actor_account_and_day(app: Flask, trail: None, alex: Colleague, sam: Account) -> None:
    assert shown(alex, "act=case.moved&to=2026-05-31") == [("case.moved", f"2026-05-0{day}") for day in (5, 4, 3, 2, 1)]
    assert len(shown(alex, f"actor=account:{sam.id}&to=2026-05-31")) == 5
    assert shown(alex, f"account={sam.id}&act=case.opened&from=2026-05-02&to=2026-05-03") == [
        ("case.opened", "2026-05-03"),
        ("case.opened", "2026-05-02"),
    ]
    assert shown(alex, "act=case.moved&actor=staff:8") == []
    assert "Nothing fits" in alex.get("/desk/audit?act=case.moved&actor=staff:8")


def test_a_day_is_the_days_of_people_here(app: Flask, alex: Colleague) -> None:
    with app.app_context():
        with clock.as_of(datetime.fromisoformat("2026-06-30T23:30:00+00:00")):  # half past midnight in July
            record("test.late", actor="system:test")
        session().commit()
    assert shown(alex, "act=test.late&to=2026-06-30") == []
    assert len(shown(alex, "act=test.late&from=2026-07-01&to=2026-07-01")) == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("account=sam", "Enter an account’s whole id"),
        ("from=yesterday", "Enter a day as year, month, day"),
        ("to=2026-02-30", "Enter a day as year, month, day"),
    ],
)
def test_what_cannot_be_read_is_said_and_shows_nothing(
    app: Flask, trail: None, alex: Colleague, query: str, sentence: str
) -> None:
    page = alex.get(f"/desk/audit?{query}")
    assert page.count(sentence) == 2  # in the summary and at the field
    assert "<li><strong>" not in page


@pytest.mark.parametrize("mark", ["x", "2026~1", "2026-05-03T12:00:00~1", "9999-99-99T00:00:00+00:00~1", "~", "%00"])
def test_a_mark_that_is_none_means_the_first_page(app: Flask, trail: None, alex: Colleague, mark: str) -> None:
    assert shown(alex, f"act=case.moved&before={mark}")[0] == ("case.moved", "2026-05-05")


def test_pages_follow_each_other_without_a_gap_or_a_repetition(
    app: Flask, trail: None, alex: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", 2)
    found: list[tuple[str, str]] = []
    query = "act=case.moved"
    for _ in range(4):
        found += shown(alex, query)
        older = [each.get("href") for each in alex.client.page.all("a", rel="next")]
        if not older:
            break
        query = str(older[0])[1:]
    assert found == [("case.moved", f"2026-05-0{day}") for day in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize("by", ["account=", "actor=account:"], ids=["on their record", "done by them"])
def test_looking_at_what_is_on_record_of_a_resident_is_a_look(
    app: Flask, trail: None, alex: Colleague, sam: Account, by: str
) -> None:
    shown(alex, "act=case.moved")
    assert looks(app) == []
    shown(alex, f"account={uuid.uuid4()}")  # nobody's
    assert looks(app) == []
    shown(alex, f"{by}{sam.id}")
    assert looks(app) == [(sam.id, "audit", "audit", "auditor")]
    assert len(shown(alex, f"act={ACT}")) == 1


def test_each_reading_of_the_trail_is_on_the_trail(app: Flask, trail: None, alex: Colleague, sam: Account) -> None:
    alex.get("/desk/audit")
    alex.get("/desk/audit?act=case.opened&to=2026-05-31")
    alex.get("/desk/audit?act=case.opened&to=2026-05-31")
    alex.get("/desk/audit?act=there.is.none")
    with app.app_context():
        read = session().execute(
            text("select actor, details from portal.audit_entry where act = 'audit.read' order by id")
        )
        first, second, third = read.all()
    assert {first.actor, second.actor, third.actor} == {alex.staff.actor}
    assert first.details["filter"] == {}
    assert second.details["filter"] == third.details["filter"] == {"act": "case.opened", "to": "2026-05-31"}
    assert second.details["entries"][0] > second.details["entries"][1]


@pytest.mark.parametrize("name", ["act", "actor", "account", "from", "to"])
@pytest.mark.parametrize("sent", ["%00", "a%00b", "%ED%A0%80"])
def test_what_cannot_be_searched_for_finds_nothing_and_breaks_nothing(alex: Colleague, name: str, sent: str) -> None:
    alex.get(f"/desk/audit?{name}={sent}")


def test_what_a_name_could_break_is_shown_as_text(app: Flask, alex: Colleague) -> None:
    with app.app_context():
        record("test.odd", actor="system:<b>", subject="<script>", word="<i>")
        session().commit()
    html = alex.get("/desk/audit?act=test.odd")
    assert "<script>" not in html.split("<li><strong>")[1].split("</li>")[0]


def test_an_export_is_streamed_and_on_the_record_with_who_took_it(app: Flask, trail: None, alex: Colleague) -> None:
    with app.app_context():
        sealing.seal(patience=1)
    alex.get("/desk/audit/export")
    answer = alex.client.submit(format="csv")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.is_streamed
    with zipfile.ZipFile(io.BytesIO(answer.data)) as whole:
        manifest = json.loads(whole.read("manifest.json"))
        assert manifest["file"] == "entries.csv"
        assert manifest["entries"] >= 10
        assert manifest["made_by"] == alex.staff.actor
    answer.close()
    assert len(shown(alex, f"act=audit.exported&actor={alex.staff.actor}")) == 1


def test_where_nothing_is_sealed_the_form_says_so(app: Flask, trail: None, alex: Colleague) -> None:
    alex.get("/desk/audit/export?from=2026-05-01&to=2026-05-02")
    answer = alex.client.submit(format="jsonl")
    assert answer.status_code == 200
    assert "Nothing was sealed in this time." in answer.get_data(as_text=True)
    alex.get("/desk/audit/export?from=2026-05-02&to=2026-05-01")
    alex.client.submit(format="jsonl")
    assert "The last day must not be before the first" in str(alex.client.page.errors)


@contextmanager
def planned(engine: Engine) -> Iterator[list[str]]:
    """The plans of the statements on the trail's entries, with scans of the whole table made as dear as can be."""
    plans: list[str] = []

    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "FROM portal.audit_entry" in statement and "LIMIT" in statement and not plans:
            with engine.connect() as other:
                other.exec_driver_sql("set enable_seqscan = off")
                other.exec_driver_sql("set enable_sort = off")
                rows = other.exec_driver_sql(f"explain {statement}", parameters).scalars()
                plans.append("\n".join(rows))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield plans
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def many(engine: Engine) -> None:
    """So many entries that the planner tells the indexes apart, of many acts, actors and residents."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into portal.audit_entry (at, act, actor, account_id, subject, details)"
            " select timestamptz '2026-04-01 12:00Z' + g * interval '20 minutes', 'act.' || g %% 90,"
            " 'staff:' || g %% 200, gen_random_uuid(), '', '{}' from generate_series(1, 4000) g"
        )
        connection.exec_driver_sql("analyze portal.audit_entry")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "ix_audit_entry_at_id"),
        ("from=2026-05-01&to=2026-05-03", "ix_audit_entry_at_id"),
        ("act=case.moved", "ix_audit_entry_act_at_id"),
        ("actor=staff:7", "ix_audit_entry_actor_at_id"),
        ("account=123e4567-e89b-12d3-a456-426614174000", "ix_audit_entry_account_id_at_id"),
    ],
    ids=["all", "days", "act", "actor", "account"],
)
@pytest.mark.parametrize("before", ["", "2026-05-03T12:00:00%2B00:00~9"], ids=["first page", "later page"])
def test_each_search_goes_along_an_index_and_sorts_nothing(
    app: Flask, trail: None, alex: Colleague, cleaning_engine: Engine, query: str, index: str, before: str
) -> None:
    many(cleaning_engine)
    with app.app_context(), planned(cleaning_engine) as plans:
        alex.get(f"/desk/audit?{query}&before={before}")
    (plan,) = plans
    assert index in plan
    assert "Sort" not in plan


def test_an_auditor_begins_from_a_name_or_a_case(app: Flask, alex: Colleague, tom: Colleague, sam: Account) -> None:
    case = report(app, sam)
    do(tom, case, "note", body="Looked at it.")
    assert ("case.note_written", str(clock.today())) in shown(alex, "actor=tom")
    for asked in (case.reference, case.reference.lower().replace("-", " "), f"case:{case.id}"):
        acts = [act for act, _day in shown(alex, urlencode({"case": asked}))]
        assert acts[:2] == ["case.note_written", "staff.looked"]
        assert "case.opened" in acts
        assert "staff.signed_in" not in acts
    assert any(look.account_id == sam.id and look.what == "audit" for look in looks(app))


def test_a_name_or_a_reference_that_nobody_has_is_said(app: Flask, alex: Colleague) -> None:
    for name in ("Twin", "twin"):
        colleague(app, name, role="viewer")
    for query, sentence in (
        ("actor=Nobody", "Nobody at the desk has that full name"),
        ("actor=twin", "Several have that name. Enter the one that you mean: staff:"),
        ("case=2222-2222", "There is no case with that reference"),
    ):
        alex.get(f"/desk/audit?{query}")
        assert sentence in str(alex.client.page.errors)
