"""Which tables of a service can point to a person, and whether its manifest says how long each is kept."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import MetaData, Table

from portal.registry.discovery import Mounted

POINTS_AT: Final = frozenset({"portal.account", "portal.case"})
LEADS_TO: Final = frozenset(
    {
        "account_id",
        "actor",
        "address",
        "date_of_birth",
        "email",
        "mobile",
        "national_insurance",
        "owner_id",
        "person_key",
        "phone",
        "postcode",
        "telephone",
        "vrm",
    }
)
"""Names of columns, or their ends after an underscore, that lead to somebody without a foreign key."""


def tables_of(each: Mounted) -> Sequence[Table]:
    """The service's own tables, those first that others refer to; none for a service that keeps none."""
    return _own(each.history.metadata) if each.history is not None else ()


def about_people(each: Mounted) -> Sequence[str]:
    """The service's tables that can point to a person: by account, case, a telling column, or another table."""
    found: set[str] = set()
    for table in tables_of(each):  # in the order in which they refer to each other
        aims = {key.target_fullname.rpartition(".")[0] for key in table.foreign_keys}
        known = {f"{table.schema}.{name}" for name in found}
        if aims & (POINTS_AT | known) or any(_leads(column.name) for column in table.columns):
            found.add(table.name)
    return sorted(found)


def kept_without_end(each: Mounted) -> Sequence[str]:
    """The tables about people of which no Retention says how long they are kept."""
    return sorted(set(about_people(each)) - _named(each))


def named_in_vain(each: Mounted) -> Sequence[str]:
    """What its Retentions name and is no table of the service."""
    return sorted(_named(each) - {table.name for table in tables_of(each)})


def _named(each: Mounted) -> set[str]:
    return {name for retention in each.service.retention for name in retention.tables}


def _own(metadata: MetaData) -> Sequence[Table]:
    return [table for table in metadata.sorted_tables if table.schema == metadata.schema]


def _leads(column: str) -> bool:
    return any(column == name or column.endswith(f"_{name}") for name in LEADS_TO)
