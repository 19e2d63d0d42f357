"""Each table of a service that can point to a person is named by a Retention: it says how long it is kept, and why."""

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Uuid

from portal.db.migrate import History
from portal.registry import tables
from portal.registry.discovery import Mounted, discover
from portal.registry.tables import about_people, kept_without_end, named_in_vain

SERVICES = discover()


@pytest.mark.parametrize("each", SERVICES, ids=[each.slug for each in SERVICES])
def test_every_table_about_people_is_kept_for_a_time_that_is_told(each: Mounted) -> None:
    assert kept_without_end(each) == []
    assert named_in_vain(each) == []


class Invented:
    """As much of a mounted service as the rule looks at."""

    def __init__(self, *invented: Table) -> None:
        self.history = History("plots", SERVICES[0].folder, invented[0].metadata)


def table(metadata: MetaData, name: str, *columns: Column[object]) -> Table:
    return Table(name, metadata, Column("id", Uuid, primary_key=True), *columns, schema="plots")


def test_a_table_about_people_is_known_by_what_it_refers_to_and_by_what_its_columns_are_called() -> None:
    metadata = MetaData(schema="plots")
    for name in ("account", "case"):
        Table(name, metadata, Column("id", Uuid, primary_key=True), schema="portal")
    made = [
        table(metadata, "plot", Column("account_id", ForeignKey("portal.account.id"))),
        table(metadata, "request", Column("case", ForeignKey("portal.case.id"))),
        table(metadata, "crop", Column("plot_id", ForeignKey("plots.plot.id"))),
        table(metadata, "waiting", Column("contact_email", String)),
        table(metadata, "site", Column("title", String)),
        table(metadata, "gate", Column("site_id", ForeignKey("plots.site.id"))),
    ]
    invented = Invented(*made)
    assert about_people(invented) == ["crop", "plot", "request", "waiting"]  # type: ignore[arg-type]  # see Invented


def test_one_that_no_retention_names_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    council_tax = next(each for each in SERVICES if each.slug == "council_tax")
    monkeypatch.setattr(tables, "_named", lambda _each: {"asked_change", "day_ahead", "paper"})
    assert kept_without_end(council_tax) == ["card_payment"]
    assert named_in_vain(council_tax) == ["paper"]
