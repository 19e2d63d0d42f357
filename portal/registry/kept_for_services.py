"""What the database keeps for a service: its own tables, rows in core's tables, and the cases that it opened."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Table, func, select, text
from sqlalchemy import table as any_table
from sqlalchemy.sql.expression import TableClause

import portal.cases.rule_models
import portal.cases.talk_models  # noqa: F401  # core's tables must all be known
from portal.cases.models import CaseRow
from portal.db.base import Base
from portal.db.session import session

GOES: Final[Mapping[str, str]] = {
    "basket_line": "service",
    "channel_choice": "topic",
    "delivery": "service",
    "draft": "service",
    "join_code": "service",
    "join_draft": "service",
    "joined_record": "service",
    "last_answer": "service",
    "stored_file": "service",
}
"""Core's tables with rows that are of no use without their service, each with the column that names it."""
STAYS: Final[Mapping[str, str]] = {
    "case": "the council's ledger: what was asked, decided and said can still be read",
    "case_day": "figures without persons",
    "form_begun": "figures without persons, until the night adds them up",
    "form_day": "figures without persons",
    "notice": "what a resident was told, in their inbox",
    "payment_line": "the council's books",
    "response_template": "staff answer on the cases that stay",
    "routing_rule": "the cases that stay may be passed on",
    "staff_right": "staff read the cases that stay",
}
"""What names a service and stays all the same, each with the reason."""
OF_CASES: Final = ("case", "task")
"""For what the ledger keeps files under the name of a case's service: they stay with the case."""
_OWN = text("select tablename from pg_tables where schemaname = :slug order by tablename")


def own_tables(slug: str) -> Sequence[TableClause]:
    """The tables in the service's schema as they are there, whatever its models say."""
    return [any_table(name, schema=slug) for name in session().scalars(_OWN, {"slug": slug})]


def rows_in_core(slug: str) -> Sequence[tuple[Table, ColumnElement[bool]]]:
    """The tables of core with what goes, and which rows of each: first those that refer to others."""
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name in GOES]
    return [(table, _its(table, slug)) for table in tables]


def rows_of_cases(slug: str) -> Sequence[tuple[Table, ColumnElement[bool]]]:
    """The tables of the ledger with its cases, and which rows of each."""
    cases = select(CaseRow.id).where(CaseRow.service == slug)
    ledger = [
        (table, table.c.case_id.in_(cases))
        for table in Base.metadata.sorted_tables
        if "case_id" in table.c and table.name not in GOES
    ]
    return [(Base.metadata.tables["portal.case"], CaseRow.__table__.c.service == slug), *ledger]


def counts(slug: str) -> Mapping[str, int]:
    """How many rows go, by table: `<slug>.<table>` and `portal.<table>`. Those without any are left out."""
    own = {f"{slug}.{table.name}": select(func.count()).select_from(table) for table in own_tables(slug)}
    core = {f"portal.{table.name}": select(func.count()).where(which) for table, which in rows_in_core(slug)}
    found = {name: session().scalar(statement) or 0 for name, statement in (own | core).items()}
    return {name: many for name, many in found.items() if many}


def _its(table: Table, slug: str) -> ColumnElement[bool]:
    its = table.c[GOES[table.name]] == slug
    return its & table.c.purpose.not_in(OF_CASES) if table.name == "stored_file" else its
