"""A page of a search, newest first, with the links that lead through it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Connection, Select, Table, func, select

from portal.payments.standin.asked import Search
from portal.payments.standin.faults import Fault
from portal.payments.standin.place import place
from portal.payments.standin.store import AnyRow
from portal.payments.standin.telling import Json, page_told


def page_of(
    db: Connection, query: Select[Any], table: Table, asked: Search, none: str, told: Callable[[AnyRow], Json]
) -> Json:  # Select of rows of that table
    """The page that was asked for. Raises Fault with the code `none` when there is no such page."""
    if asked.since_at is not None:
        query = query.where(table.c.created_at >= asked.since_at)
    if asked.until_at is not None:
        query = query.where(table.c.created_at < asked.until_at)
    total: int = db.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    before = (asked.page - 1) * asked.size
    if asked.page > 1 and before >= total:
        raise Fault(404, none, "Page not found")
    newest = query.order_by(table.c.created_at.desc(), table.c.number.desc())
    rows = db.execute(newest.limit(asked.size).offset(before)).all()  # Pay counts pages, so we have to
    last = max(1, -(-total // asked.size))
    address = {number: _address(number) for number in {1, last, asked.page - 1, asked.page, asked.page + 1}}
    return page_told([told(each) for each in rows], total=total, page=asked.page, size=asked.size, address=address)


def _address(page: int) -> str:
    query = {**{name: value for name, value in request.args.items() if name != "page"}, "page": str(page)}
    return f"{place().address}{request.path}?{urlencode(query)}"
