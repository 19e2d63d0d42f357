"""Statements that are whole transactions, on the driver's own terms.

SQLAlchemy writes the SQL, once for each statement, and lends the connection; what it does around each execution takes
three times as long as the execution. No BEGIN and no COMMIT are sent either: two messages of three.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import Dialect, Engine, Executable
from sqlalchemy.exc import DBAPIError

_CURSOR: Final = "moothall cursor"


def rows(engine: Engine, statement: Executable, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What the statement returns. Raises what SQLAlchemy would."""
    sql, constants = _written(statement, engine.dialect)
    given = constants | {name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()}
    try:
        pooled = engine.raw_connection()
    except psycopg.Error as error:  # there is no server
        raise _fault(error, sql) from error
    try:
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # the dialect's own
        connection.autocommit = True
        try:
            return _cursor(connection, pooled.info).execute(sql, given).fetchall()
        finally:
            if connection.closed:
                pooled.invalidate()
            else:
                connection.autocommit = False
    except psycopg.Error as error:
        raise _fault(error, sql) from error
    finally:
        pooled.close()


def _fault(error: psycopg.Error, sql: bytes) -> Exception:
    """As SQLAlchemy has it. Without the values: they may be what a resident typed, and errors are logged."""
    return DBAPIError.instance(sql.decode(), None, error, psycopg.Error, hide_parameters=True)


def _cursor(connection: psycopg.Connection[Any], kept: dict[Any, Any]) -> psycopg.Cursor[dict[str, Any]]:
    """The connection's own, kept as long as it: what a new one has to learn of each type takes half as long again."""
    cursor: psycopg.Cursor[dict[str, Any]] | None = kept.get(_CURSOR)
    if cursor is None:
        cursor = kept[_CURSOR] = connection.cursor(row_factory=dict_row)
    return cursor


@lru_cache(maxsize=100)
def _written(statement: Executable, dialect: Dialect) -> tuple[bytes, dict[str, Any]]:
    """The SQL, and the values that are part of the statement itself. Statements are few: modules build them once."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every statement of ours has it
    constants = {name: bound.value for name, bound in compiled.binds.items() if not bound.required}
    return str(compiled).encode(), constants
