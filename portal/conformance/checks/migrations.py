"""Migrations: to the models as they are, down to nothing, and up again."""

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House, new_database
from portal.db.migrate import History, config_for, downgrade, engine_for, upgrade
from portal.registry.histories import histories

_LEFT: Final = sa.text("select tablename from pg_tables where schemaname = :schema and tablename <> 'alembic_version'")
UP_AGAIN: Final = "Have downgrade() undo all that upgrade() does, in the reverse order."


def judge(house: House) -> Iterable[Look]:
    """One look at the history, then up, down and up again."""
    history = house.mounted.history
    if history is None:
        return
    yield Look("history", tuple(_branches(history)))
    with new_database(house.url) as url:
        upgrade(url, histories(house.services))
        yield Look("upgrade", tuple(_differences(house, url, history)))
        left = tuple(_down(url, history))
        yield Look("downgrade", left)
        if not left:  # else it cannot come up again, which says the same once more
            yield Look("upgrade again", tuple(_up(house, url)))


def differences(url: str, history: History) -> list[object]:
    """What `alembic revision --autogenerate` would still write."""

    def include_name(name: str | None, kind: str, _parents: object) -> bool:
        return name == history.schema if kind == "schema" else True

    def include_object(item: sa.schema.SchemaItem, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and (item.info.get("stub") or name == "alembic_version"))

    engine = engine_for(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_schemas": True, "include_name": include_name, "include_object": include_object},
        )
        found = list(compare_metadata(context, history.metadata))
    engine.dispose()
    return found


def _branches(history: History) -> Iterator[Finding]:
    heads = ScriptDirectory.from_config(config_for(history)).get_heads()
    if len(heads) != 1:
        yield Finding(f"it has {len(heads)} heads: {', '.join(heads)}", "Have each revision follow the one before.")


def _differences(house: House, url: str, history: History) -> Iterator[Finding]:
    for each in differences(url, history):
        what = f"models and migrations differ: {str(each)[:160]}"
        yield Finding(what, f"Write a migration: moothall db revision {house.slug}.", house.short(str(history.folder)))


def _down(url: str, history: History) -> Iterator[Finding]:
    try:
        downgrade(url, history, "base")
    except Exception as error:  # noqa: BLE001  # whatever a migration raises
        yield Finding(f"it does not go down: {_said(error)}", UP_AGAIN)
        return
    engine = engine_for(url)
    with engine.connect() as connection:
        left = sorted(connection.execute(_LEFT, {"schema": history.schema}).scalars())
    engine.dispose()
    if left:
        yield Finding(f"going down leaves {', '.join(left)} behind", UP_AGAIN)


def _up(house: House, url: str) -> Iterator[Finding]:
    try:
        upgrade(url, histories(house.services))
    except Exception as error:  # noqa: BLE001  # as above
        yield Finding(f"it does not come up again: {_said(error)}", UP_AGAIN)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:120]}" if str(error) else type(error).__name__


CHECK: Final = Check(
    name="migrations",
    holds="Its migrations make what the models say, go down to nothing, and come up again.",
    mend="Write migrations that undo themselves.",
    judge=judge,
)
