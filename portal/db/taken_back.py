"""Do something to see what it would come to, and take it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.db.session import session


@contextmanager
def taken_back() -> Iterator[None]:
    """A part of the transaction that is taken back at its end. Raises RuntimeError when something within commits."""
    part = session().begin_nested()

    def refuse(asked: Session) -> None:
        if asked.get_nested_transaction() is part:
            raise RuntimeError("a commit in the middle of a dry run")

    event.listen(session(), "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(session(), "before_commit", refuse)
        part.rollback()
