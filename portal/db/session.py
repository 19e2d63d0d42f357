"""The request's session and the one visible edge of its transaction."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app, g, make_response
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import URL, Connection, Executable, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from portal.db import alive, autocommit
from portal.errors import SetupError

P = ParamSpec("P")
R = TypeVar("R")

db = SQLAlchemy()
SIDE = "side"
_WRITTEN = text("select pg_current_xact_id_if_assigned()::text")

CONNECT_ARGS = {
    "connect_timeout": 3,
    # Our tables are always named with their schema; the path serves Procrastinate's functions only.
    "options": "-c search_path=jobs -c statement_timeout=5000 -c lock_timeout=3000 -c timezone=UTC",
    "application_name": "moothall",
}


def engine_options(url: str) -> dict[str, Any]:
    """Options for `create_engine`: time-outs on every wait.

    An error names no parameters: they are what residents typed, and errors are logged.
    """
    return {
        "url": driver_url(url),
        "connect_args": CONNECT_ARGS,
        "pool_timeout": 5,
        "pool_size": 20,
        "max_overflow": 10,
        "hide_parameters": True,
    }


def driver_url(url: str) -> URL:
    """The URL with our driver named. Raises SetupError for anything but PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError(
            "MOOTHALL_DATABASE_URL is not a database address. Write postgresql://user:password@host/name."
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise SetupError("MOOTHALL_DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name.")
    return parsed.set(drivername="postgresql+psycopg")


def install(app: Flask, url: str) -> None:
    """Give `app` its session for each request, and its engines."""
    few = {"pool_size": 3, "max_overflow": 2}
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(url), SIDE: engine_options(url) | few}
    db.init_app(app)
    # The extension also closes asynchronous sessions, which we have none of, and Flask would start a thread and an
    # event loop for that at the end of every request: a fifth of a page's time when measured.
    app.teardown_appcontext_funcs[:] = [
        each for each in app.teardown_appcontext_funcs if not inspect.iscoroutinefunction(each)
    ]
    with app.app_context():
        for engine in db.engines.values():
            alive.watch(engine)


def session() -> Session:
    """The session of this request, job or command."""
    return db.session


def at_once(statement: Executable, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The rows of one statement that is a whole transaction: what it has written is safe when this returns.

    It costs a third of what the session's own way does, so it is for the few paths where that counts. Within a
    transaction that has begun it is a part of that one, like any other statement.
    """
    if is_in_transaction():
        return [row._asdict() for row in db.session.execute(statement, values)]
    return autocommit.rows(db.engine, statement, values)


@contextmanager
def beside() -> Iterator[Connection]:
    """A short transaction beside the request's own, which neither waits for that one nor is lost with it.

    From a pool of its own: were it the request's, as many requests at once as it has connections would each hold one
    and wait for a second for ever. Nothing within may wait for anything but the database.
    """
    with db.get_engine(SIDE).begin() as connection:
        yield connection


def dispose() -> None:
    """Close the connections of the current application, when it has come to its end."""
    for engine in db.engines.values():
        engine.dispose()


def release() -> None:
    """Give the connection back before a wait for somebody outside: the page's reading is over for now.

    Raises RuntimeError when the transaction has written: nothing may wait for the network in the middle of a change.
    """
    if "sqlalchemy" in current_app.extensions and is_in_transaction():
        if db.session.scalar(_WRITTEN) is not None:
            raise RuntimeError("a wait for the network inside a transaction that has written")
        db.session.rollback()


def is_in_transaction() -> bool:
    """Whether the request has begun one. Without making a session only to ask it: that costs as much as a statement."""
    return "_sqlalchemy_sessions" in g and db.session.in_transaction()  # where the extension keeps them


def commit() -> None:
    """Commit what this request has done, if it has done anything: to end nothing costs as much as a small query."""
    if is_in_transaction():
        db.session.commit()


def commits(view: Callable[P, R]) -> Callable[P, R]:
    """Commit what the view did, once, when it answers well; otherwise leave nothing behind.

    Around the view and not in `after_request`, so that a failure at commit still reaches the error pages.
    """

    @wraps(view)
    def committing(*args: P.args, **kwargs: P.kwargs) -> R:
        answer = view(*args, **kwargs)
        if make_response(answer).status_code < 400:
            commit()
        else:
            db.session.rollback()
        return answer

    committing.__dict__["commits"] = True
    return committing
