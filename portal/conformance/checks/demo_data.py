"""Demo data that can be loaded again: a demo that is started twice shows the same."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import text

from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House


def judge(house: House) -> Iterable[Look]:
    """One look for each of its tables, and one for its cases."""
    if house.mounted.service.demo is None:
        return
    house.people  # noqa: B018  # loads it the first time
    before = counts(house)
    house.load_demo()
    after = counts(house)
    for name in before:
        yield Look(name, tuple(_more(house, before[name], after[name])))
    if house.tables and not any(before.values()):
        yield Look("demo data", (Finding("it makes nothing", "Have demo.py make records for the demo's people."),))


def _more(house: House, before: int, after: int) -> Iterator[Finding]:
    if before != after:
        yield Finding(
            f"loading the demo data twice makes {after} where there were {before}",
            "Give each record an id of its own (uuid5 of a constant), and insert it unless it is there.",
            f"{house.slug}/demo.py",
        )


def counts(house: House) -> Mapping[str, int]:
    """How many rows each of its tables has, and how many cases the service."""
    with house.engine.connect() as connection:
        found = {
            table.name: connection.execute(text(f'select count(*) from "{table.schema}"."{table.name}"')).scalar_one()  # noqa: S608  # the model's names
            for table in house.tables
        }
        cases = text('select count(*) from portal."case" where service = :service')
        return found | {"cases": connection.execute(cases, {"service": house.slug}).scalar_one()}


CHECK: Final = Check(
    name="demo",
    holds="Loading the demo data twice makes the same once.",
    mend="Give each demo record an id of its own.",
    judge=judge,
)
