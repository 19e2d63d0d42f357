"""Each public question has an index, so that a million reports cost what a thousand do."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal.kit import clock, session
from services.reporting.queries import public, public_map
from services.reporting.rules.wanted import Box, Circle, Mark, Wanted
from services.reporting.tests.telling import HERE, filed
from tests.support.residents import Resident

MARK = Mark(clock.now(), UUID(int=1))
BOX = Box(51.49, -0.24, 51.4901, -0.2399)


# How many rows tests before had left, and whether they were counted, would else choose between indexes that cost alike.
A_MILLION = "update pg_class set relpages = 1, reltuples = 1000000 where oid = 'reporting.report'::regclass"
OTHERS = """
    select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = 'reporting.report'::regclass and not i.indisunique and c.relname <> %(only)s
"""


def plan_of(
    statement: Any,  # of rows of any kind
    values: dict[str, Any],
    *without: str,
    only: str = "",
) -> str:
    """How PostgreSQL would answer with a million reports, were these ways of doing it out of the question.

    If none are named, scanning the whole table and sorting it are. With `only`, no other index of reports is there to
    choose: between indexes that are nearly empty, as they are in tests, the choice is chance.
    """
    connection = session().connection()
    connection.exec_driver_sql(A_MILLION)  # in this transaction alone, which ends with the test
    for other in connection.exec_driver_sql(OTHERS, {"only": only}).scalars().all() if only else ():
        connection.exec_driver_sql(f"drop index {other}")
    asked = statement.compile(dialect=connection.dialect).construct_expanded_state(values)
    for way in without or ("seqscan", "sort"):
        connection.exec_driver_sql(f"set local enable_{way} = off")
    return "\n".join(connection.exec_driver_sql(f"explain {asked.statement}", asked.parameters).scalars())


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "ix_report_public"),
        (Wanted(state="open"), "ix_report_public_open"),
        (Wanted(categories=("pothole",)), "ix_report_public_category"),
        (Wanted(ward="riverside"), "ix_report_public_ward"),
    ],
    ids=["all", "open", "category", "ward"],
)
def test_a_page_of_the_list_follows_an_index(context: Flask, wanted: Wanted, index: str) -> None:
    statement = public._newest(public.names_of(wanted, MARK))
    values = {**public.values_of(wanted, MARK), "most": 20}
    assert f"using {index} " in plan_of(statement, values, only=index)


def test_the_map_and_the_neighbourhood_follow_the_index_on_the_place(context: Flask, ada: Resident) -> None:
    filed(ada)  # an empty table counts as one of no rows, whatever its statistics say
    scans = ("seqscan", "indexscan")
    around = Wanted(circle=Circle(HERE.lat, HERE.lon, 100))
    values = {**public.values_of(around), "most": 20}
    assert "ix_report_public_place" in plan_of(
        public._newest(public.names_of(around)), values, *scans, only="ix_report_public_place"
    )
    values = {**public.values_of(Wanted(box=BOX)), "most": public_map.MOST, "mesh_lat": 0.01, "mesh_lon": 0.01}
    clustered = public_map._clustered(public.names_of(Wanted(box=BOX)))
    assert "ix_report_public_place" in plan_of(clustered, values, *scans, only="ix_report_public_place")
