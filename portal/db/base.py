"""The declarative base of every table, core's and the services'."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Column, DateTime, MetaData, Table, Uuid
from sqlalchemy.orm import DeclarativeBase, mapped_column

CORE_SCHEMA = "portal"
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""An aware time in UTC; the column is named `…_at`."""
Id = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, default=uuid.uuid4)]
"""A primary key made in Python."""


class Base(DeclarativeBase):
    """Core's tables, in the schema `portal`."""

    metadata = MetaData(schema=CORE_SCHEMA, naming_convention=NAMES)


def base_for(schema: str) -> type[DeclarativeBase]:
    """A declarative base whose tables live in `schema`.

    Only `portal.account.id` and `portal.case.id` can be referred to from there: the two tables are known to it
    as stubs, so that a service cannot even name another column of core.
    """
    metadata = MetaData(schema=schema, naming_convention=NAMES)
    for name in ("account", "case"):
        Table(name, metadata, Column("id", Uuid, primary_key=True), schema=CORE_SCHEMA, info={"stub": True})
    body: dict[str, Any] = {"metadata": metadata, "__doc__": f"Tables in the schema `{schema}`."}
    return type("ServiceBase", (DeclarativeBase,), body)
