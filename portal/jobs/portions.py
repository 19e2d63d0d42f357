"""Delete much, a portion at a time."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from portal.db.session import session

AT_ONCE: Final = 1000


def delete_in_portions(
    model: type[DeclarativeBase],
    which: ColumnElement[bool],
    *,
    column: InstrumentedAttribute[Any] | None = None,
    then: Callable[[Any], object] | None = None,
) -> None:
    """Delete these rows and commit, 1,000 at a time: for jobs only. `then` is called with each row's `column`.

    A job that was off for a year would run into the statement time-out if it did all at once, and so undo all, night
    after night. This way it gets on, and the next run takes up where it was cut off.
    """
    keys = inspect(model).primary_key
    some = select(*keys).where(which).limit(AT_ONCE)
    statement = delete(model).where(tuple_(*keys).in_(some)).returning(column if column is not None else keys[0])
    while True:
        gone = session().scalars(statement, execution_options={"synchronize_session": False}).all()
        for each in gone:
            if then is not None:
                then(each)
        session().commit()
        if len(gone) < AT_ONCE:
            return
