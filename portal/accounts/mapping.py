"""A list of old and new subjects, as long as it may be: read once, kept in a temporary table, given out in portions."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from portal.accounts.moving import AT_ONCE, Pair
from portal.db.session import db
from portal.errors import Refused

HEADER: Final = ["old_sub", "new_sub"]
LONGEST: Final = 255

_MAKE = text("create temporary table read_line (line bigint, old_sub text, new_sub text) on commit preserve rows")
_JUDGE = text(
    "create temporary table pair on commit preserve rows as select line, old_sub, new_sub,"
    " count(*) over (partition by old_sub) > 1 or count(*) over (partition by new_sub) > 1 as doubled"
    # A line that is there twice says nothing new.
    " from (select min(line) as line, old_sub, new_sub from read_line group by old_sub, new_sub) as once"
)
_PORTION = text("select line, old_sub, new_sub, doubled from pair where line > :after order by line limit :many")


@contextmanager
def read_mapping(path: Path) -> Iterator[Iterator[list[Pair]]]:
    """The pairs of a CSV file with the columns `old_sub` and `new_sub`, a portion at a time, whatever its size.

    A connection of its own holds the table, which goes with it. Raises Refused, before anything is given out, when a
    line cannot be read.
    """
    connection = db.engine.connect()
    try:
        # The whole file is judged in one statement. The portal's time-out is made for pages.
        connection.execute(text("set statement_timeout = '30min'"))
        connection.execute(_MAKE)
        _copy(path, connection)
        connection.execute(_JUDGE)
        connection.execute(text("create index on pair (line)"))
        connection.commit()
        yield _portions(connection)
    finally:
        connection.invalidate()  # not back to the pool: it has a table and a time-out of its own
        connection.close()


def _copy(path: Path, connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("a connection without its driver")
    with driver.cursor() as cursor, cursor.copy("copy read_line (line, old_sub, new_sub) from stdin") as copy:
        for line in _lines(path):
            copy.write_row(line)


def _lines(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            if [name.strip() for name in next(reader, [])] != HEADER:
                raise Refused(f"The first line of {path} must be: {','.join(HEADER)}")
            for fields in reader:
                if fields:
                    yield _line(reader.line_num, fields)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path} cannot be read as CSV in UTF-8: {error}") from None


def _line(number: int, fields: list[str]) -> tuple[int, str, str]:
    if len(fields) != len(HEADER):
        raise Refused(f"Line {number} has {len(fields)} columns instead of {len(HEADER)}.")
    old, new = fields
    if not all(0 < len(subject) <= LONGEST and "\0" not in subject for subject in fields):
        raise Refused(f"Line {number}: a subject must have 1 to {LONGEST} characters.")
    return number, old, new


def _portions(connection: Connection) -> Iterator[list[Pair]]:
    after = 0
    while True:
        found = connection.execute(_PORTION, {"after": after, "many": AT_ONCE})
        portion = [Pair(row.line, row.old_sub, row.new_sub, row.doubled) for row in found]
        connection.rollback()  # no transaction stays open while the portion is worked on
        if not portion:
            return
        after = portion[-1].line
        yield portion
