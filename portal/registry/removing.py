"""Remove a service from the database: write down all that it kept, then drop it.

What stays is the council's, not the service's: see `portal.registry.kept_for_services.STAYS`.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal_column, select, text

from portal.audit.operations import record
from portal.backoffices.models import BackOfficeRow
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.files.cleanup import discard
from portal.files.models import StoredFileRow
from portal.files.store import store
from portal.kit.checks import RESERVED, SLUG
from portal.registry.kept_for_services import OF_CASES, own_tables, rows_in_core, rows_of_cases

PORTION: Final = 1000
"""Rows that are read at once."""
_FILES = (
    select(StoredFileRow.id, StoredFileRow.key)
    .where(StoredFileRow.key.is_not(None), StoredFileRow.purpose.not_in(OF_CASES))
    .order_by(StoredFileRow.id)
)
_JOBS = text("delete from jobs.procrastinate_jobs where status = 'todo' and split_part(task_name, '.', 1) = :slug")


def write_down(slug: str, folder: Path) -> Mapping[str, int]:
    """Write all that goes, and the cases that stay, into a new folder that only its owner can read.

    One line of JSON for each row in `<schema>/<table>.jsonl`, and the files in `files/<id>`, as far as the store has
    them. The tables stay locked against writing until the transaction ends, so that nothing comes after what is
    written. Returns the number of rows by table. Raises Conflict when the folder is there already or a file came in
    meanwhile, Unavailable when the store does not answer.
    """
    _check(slug)
    _make(folder)
    files = _write_files(slug, folder / "files")
    session().execute(text("set local statement_timeout = 0"))
    written = {}
    for table in own_tables(slug):
        session().execute(text(f'lock table "{slug}"."{table.name}" in share mode'))
        rows = session().scalars(select(_as_json(table.name)).select_from(table).execution_options(yield_per=PORTION))
        written[f"{slug}.{table.name}"] = _write_lines(folder / slug / f"{table.name}.jsonl", rows)
    for core, which in (*rows_in_core(slug), *rows_of_cases(slug)):
        rows = session().scalars(select(_as_json(core.name)).select_from(core).where(which))
        written[f"portal.{core.name}"] = _write_lines(folder / "portal" / f"{core.name}.jsonl", rows)
    if files != _files(slug):
        raise Conflict("A file came in meanwhile. Run this again with another folder.")
    return written


def drop(slug: str, *, actor: str, known: Sequence[str]) -> None:
    """Drop the service's schema, and its rows in core's tables. `known` are the slugs of all services there are.

    The switch stays: pages that are still served say that the service is closed.
    """
    _check(slug)
    session().execute(text("set local statement_timeout = 0"))
    for key in _files(slug).values():
        discard.defer(key=key)
    for table, which in rows_in_core(slug):
        session().execute(delete(table).where(which))
    offices = session().scalars(select(BackOfficeRow.name)).all()
    gone = [name for name in offices if _owner(name, {slug, *known}) == slug]
    session().execute(delete(BackOfficeRow).where(BackOfficeRow.name.in_(gone)))
    session().execute(_JOBS, {"slug": slug})
    session().execute(text(f'drop schema if exists "{slug}" cascade'))
    record("service.removed", actor=actor, subject=f"service:{slug}")


def _check(slug: str) -> None:
    """The slug becomes a part of statements."""
    if not SLUG.fullmatch(slug) or slug in RESERVED or slug.startswith("pg_"):
        raise Refused(f"{slug} cannot be the name of a service.")


def _owner(office: str, slugs: Iterable[str]) -> str:
    """The service of a back office, which is called as its service or `<slug>_<name>`; the longest slug that fits."""
    return max((slug for slug in slugs if f"{office}_".startswith(f"{slug}_")), key=len, default="")


def _files(slug: str) -> Mapping[UUID, str]:
    return {row.id: str(row.key) for row in session().execute(_FILES.where(StoredFileRow.service == slug))}


def _as_json(table: str) -> ColumnElement[str]:
    """The whole row, with its types as PostgreSQL writes them in JSON."""
    return cast(func.to_jsonb(literal_column(f'"{table}"')), Text)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise Conflict(f"There is something at {folder} already. Name another folder.") from None


def _write_files(slug: str, folder: Path) -> Mapping[UUID, str]:
    """Before anything is locked: the store may be slow."""
    files = _files(slug)
    session().rollback()
    folder.mkdir()
    for file_id, key in files.items():
        content = store().find(key)
        if content is not None:
            (folder / str(file_id)).write_bytes(content)
    return files


def _write_lines(path: Path, rows: Iterable[str]) -> int:
    """On the disk, not only on its way there: what is written is dropped next."""
    path.parent.mkdir(exist_ok=True)
    many = 0
    with path.open("x", encoding="utf-8") as lines:
        for many, row in enumerate(rows, start=1):  # noqa: B007  # the last number is the result
            lines.write(f"{row}\n")
        lines.flush()
        os.fsync(lines.fileno())
    return many
