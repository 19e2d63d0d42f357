"""`moothall service remove`: all that a service kept is written down, then dropped; its cases stay."""

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, insert, text

from portal import clock
from portal.accounts.values import Account
from portal.backoffices.models import BackOfficeRow
from portal.cases.declared import CaseType, Status
from portal.cases.opening import open_case
from portal.cli import service_remove
from portal.cli.services import service
from portal.db.base import Base
from portal.db.migrate import behind, upgrade
from portal.db.session import session
from portal.errors import Conflict, Refused, SetupError
from portal.files.models import StoredFileRow
from portal.files.store import open_store
from portal.notices.models import ChannelChoiceRow
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.registry.kept_for_services import GOES, STAYS
from portal.registry.switches import switch_off
from tests.support.invented import SERVICE_PY, WHOLE, invented_package, put
from tests.support.people import sign_in

MODELS = """
import uuid
from portal.kit import AccountId, Id, service_metadata
from sqlalchemy.orm import DeclarativeBase, Mapped

class Base(DeclarativeBase):
    metadata = service_metadata(__name__)

class Plot(Base):
    __tablename__ = "plot"
    id: Mapped[Id]
    account_id: Mapped[AccountId]
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None

def upgrade():
    account = sa.Column("account_id", sa.Uuid(), sa.ForeignKey("portal.account.id"), nullable=False)
    op.create_table("plot", sa.Column("id", sa.Uuid(), primary_key=True), account, schema="plots")

def downgrade():
    op.drop_table("plot", schema="plots")
"""
ASKED = CaseType(
    service="plots", slug="request", title="A plot", statuses=(Status(code="new", title="New", meaning="We read it."),)
)


@pytest.fixture
def plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_database: str, cleaning_engine: Engine
) -> Iterator[None]:
    """A service packaged apart, with a table, found by its entry point; and settings as an operator has them."""
    for name, value in {
        "DATABASE_URL": clean_database,
        "SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MAIL__HOST": "127.0.0.1",
        "PUBLIC_URL": "https://my.council.example",
        "FILES_URL": str(tmp_path / "files"),
    }.items():
        monkeypatch.setenv(f"MOOTHALL_{name}", value)
    monkeypatch.chdir(tmp_path)
    for folder in invented_package(tmp_path, monkeypatch):
        put(folder, "plots", SERVICE_PY.format(slug="plots", more=WHOLE))
        (folder / "plots" / "models.py").write_text(MODELS)
        (folder / "plots" / "migrations").mkdir()
        (folder / "plots" / "migrations" / "0001_plots.py").write_text(FIRST)
        info = tmp_path / "council_plots-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: council-plots\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[moothall.services]\nplots = council_services.plots.service:SERVICE\n")
        upgrade(clean_database, [each for each in histories(discover()) if each.schema == "plots"])
        yield
    with cleaning_engine.begin() as connection:
        connection.exec_driver_sql("drop schema if exists plots cascade")


@pytest.fixture
def file_id(app: Flask, plots: None, sam: Account, tmp_path: Path) -> UUID:
    """What the service keeps of a resident: a record, a file, a choice, a case; and its back offices."""
    now = clock.now()
    made = {
        "account_id": sam.id,
        "service": "plots",
        "state": "ready",
        "media_type": "image/jpeg",
        "size": 4,
        "width": 1,
    }
    made |= {"height": 1, "reason": "", "sha256": "", "created_at": now}
    (tmp_path / "files").mkdir()
    store = open_store(str(tmp_path / "files"))
    ids = {purpose: uuid4() for purpose in ("photo", "case")}
    with app.app_context():
        session().execute(text("insert into plots.plot values (:id, :account)"), {"id": uuid4(), "account": sam.id})
        for purpose, each in ids.items():
            key = store.put("clean", b"roof")
            session().execute(insert(StoredFileRow), {**made, "id": each, "purpose": purpose, "key": key})
        choice = {"account_id": sam.id, "topic": "plots", "channel": "none", "chosen_at": now}
        session().execute(insert(ChannelChoiceRow), choice)
        for name in ("plots", "plots_gate", "plotsam"):
            office = {"name": name, "state": "closed", "state_at": now, "last_fault": ""}
            session().execute(insert(BackOfficeRow), office)
        open_case(sam, case_type=ASKED, key="k")
        session().commit()
    return ids["photo"]


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(service, ["remove", "plots", *words], input=typed)


def many(app: Flask, query: str) -> int:
    with app.app_context():
        return int(session().scalar(text(query)) or 0)


def off(app: Flask) -> None:
    with app.app_context():
        switch_off("plots", actor="system:tests")
        session().commit()


def test_it_is_refused_while_the_service_is_on_and_unless_it_is_said_twice(app: Flask, file_id: UUID) -> None:
    on = run("--yes", "--really", "plots")
    assert isinstance(on.exception, SetupError)
    assert "moothall service off plots" in str(on.exception)
    off(app)
    for said in (run(typed="n\n"), run(typed="y\npermits\n"), run("--yes"), run("--yes", "--really", "permits")):
        assert said.exit_code == 1
    assert isinstance(run("--to", ".", "--yes", "--really", "plots").exception, Conflict)
    assert isinstance(run("--yes", "--really", "permits").exception, Refused)
    assert many(app, "select count(*) from plots.plot") == 1


def test_all_is_written_down_and_dropped_and_the_cases_stay(
    app: Flask, file_id: UUID, sam: Account, tmp_path: Path
) -> None:
    off(app)
    ran = run("--to", "kept", typed="y\nplots\n")
    assert ran.exit_code == 0, ran.output
    assert "        1  plots.plot" in ran.output
    assert "Its cases stay" in ran.output
    assert "moothall db upgrade" in ran.output
    folder = tmp_path / "kept"
    assert str(folder) in ran.output
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (plot,) = [json.loads(line) for line in (folder / "plots" / "plot.jsonl").read_text().splitlines()]
    assert plot["account_id"] == str(sam.id)
    (case,) = [json.loads(line) for line in (folder / "portal" / "case.jsonl").read_text().splitlines()]
    assert (folder / "portal" / "case_event.jsonl").read_text().count(case["id"]) == 1
    assert (folder / "files" / str(file_id)).read_bytes() == b"roof"
    assert many(app, "select count(*) from pg_tables where schemaname = 'plots'") == 0
    assert many(app, "select count(*) from portal.channel_choice where topic = 'plots'") == 0
    assert many(app, "select count(*) from portal.stored_file where service = 'plots'") == 1  # the case's
    assert many(app, "select count(*) from portal.back_office") == 1  # of the other, which is called almost so
    assert many(app, "select count(*) from portal.service_switch where slug = 'plots'") == 1
    client = app.test_client()
    sign_in(app, client, sam)
    assert client.get(f"/cases/{case['reference']}").status_code == 200


def test_when_it_fails_nothing_is_dropped_and_the_half_that_was_written_is_named(
    app: Flask, file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise Conflict("no")

    off(app)
    monkeypatch.setattr(service_remove, "drop", fail)
    ran = run("--to", "half", "--yes", "--really", "plots")
    assert re.search(r"Nothing was removed. Delete /\S+/half:", ran.output)
    assert many(app, "select count(*) from plots.plot") == 1


def test_it_can_be_had_again(app: Flask, file_id: UUID, clean_database: str) -> None:
    off(app)
    assert run("--yes", "--really", "plots").exit_code == 0
    history = [each for each in histories(discover()) if each.schema == "plots"]
    assert behind(clean_database, history) == ["plots"]
    upgrade(clean_database, history)
    assert behind(clean_database, history) == []
    assert many(app, "select count(*) from plots.plot") == 0


def test_what_was_never_there_is_named(plots: None) -> None:
    gone = CliRunner().invoke(service, ["remove", "bees", "--yes", "--really", "bees"])
    assert isinstance(gone.exception, SetupError)


def test_each_table_of_core_that_names_a_service_goes_or_stays_for_a_reason(app: Flask) -> None:
    naming = {table.name for table in Base.metadata.tables.values() if {"service", "topic"} & set(table.c.keys())}
    assert naming == set(GOES) | set(STAYS)
