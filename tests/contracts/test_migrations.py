"""Migrations and models say the same, forwards and backwards, for core, the provider and every service."""

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from portal.conformance.checks.migrations import differences
from portal.db.migrate import CORE, History, behind, config_for, downgrade, engine_for, upgrade
from portal.registry.discovery import discover
from portal.registry.histories import histories

HISTORIES = histories(discover())
by_schema = pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.schema)


@by_schema
def test_models_match_migrations(database_url: str, history: History) -> None:
    assert differences(database_url, history) == []


def test_the_comparison_sees_a_column_that_no_migration_makes(database_url: str) -> None:
    metadata = sa.MetaData(schema=CORE.schema, naming_convention=CORE.metadata.naming_convention)
    for table in CORE.metadata.tables.values():
        table.to_metadata(metadata)
    metadata.tables["portal.account"].append_column(sa.Column("forgotten", sa.Integer()))
    assert "forgotten" in str(differences(database_url, History(CORE.schema, CORE.folder, metadata)))


@by_schema
def test_history_is_linear_with_one_head(history: History) -> None:
    script = ScriptDirectory.from_config(config_for(history))
    assert len(script.get_heads()) == 1
    assert all(not isinstance(revision.down_revision, tuple) for revision in script.walk_revisions())


@by_schema
def test_tables_live_in_their_own_schema(history: History) -> None:
    strays = [
        table.fullname
        for table in history.metadata.tables.values()
        if table.schema != history.schema and not table.info.get("stub")
    ]
    assert strays == []


def test_every_history_goes_down_and_up_again(empty_database_url: str) -> None:
    upgrade(empty_database_url, HISTORIES)
    assert behind(empty_database_url, HISTORIES) == []
    for history in reversed(HISTORIES):
        downgrade(empty_database_url, history, "base")
    assert behind(empty_database_url, HISTORIES) == [history.schema for history in HISTORIES]
    upgrade(empty_database_url, HISTORIES)
    assert behind(empty_database_url, HISTORIES) == []


def test_core_upgrades_when_a_service_is_gone(empty_database_url: str) -> None:
    upgrade(empty_database_url, HISTORIES)
    without_services = histories(())
    downgrade(empty_database_url, CORE, "-1")
    upgrade(empty_database_url, without_services)
    assert behind(empty_database_url, without_services) == []


def test_what_only_a_second_factor_vouched_for_is_no_longer_confirmed(empty_database_url: str) -> None:
    upgrade(empty_database_url, (CORE,))
    downgrade(empty_database_url, CORE, "0016")
    engine = engine_for(empty_database_url)
    with engine.begin() as connection:
        account = "gen_random_uuid(), 'en', now()"
        connection.execute(sa.text(f"insert into portal.account (id, language, created_at) values ({account})"))
        for level, name in (("medium", "birthdate"), ("medium", "email"), ("high", "birthdate")):
            connection.execute(
                sa.text(
                    "insert into portal.verified_claim (account_id, issuer, name, value, level, verified_at)"
                    " select id, 'https://' || :level, :name, 'x', :level, now() from portal.account"
                ),
                {"level": level, "name": name},
            )
    upgrade(empty_database_url, (CORE,))
    with engine.connect() as connection:
        left = connection.execute(sa.text("select level, name from portal.verified_claim order by level, name")).all()
    engine.dispose()
    assert left == [("high", "birthdate"), ("medium", "email")]
