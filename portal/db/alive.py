"""Whether a pooled connection still leads anywhere, found out without asking the server in every request.

A server that went away has closed its end, which shows in the socket at once and costs a microsecond. A question and
its answer cost more than most pages' own queries, so they are kept for a connection on which something waits to be
read, and for one that was idle so long that a firewall on the way may have forgotten it in silence.
"""

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

IDLE_SECONDS: Final = 30.0
_IDLE_SINCE: Final = "moothall idle since"


def watch(engine: Engine) -> None:
    """Have the connections of `engine` looked at each time one is taken from its pool."""

    def note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _handle: object) -> None:
        since = record.info.get(_IDLE_SINCE)
        if since is None or (time.monotonic() - since < IDLE_SECONDS and not _has_something_to_say(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except (engine.dialect.loaded_dbapi.Error, DBAPIError) as error:
            # All of the pool's: what closed this one has hardly spared the others.
            raise InvalidatePoolError("the server has closed this connection") from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)


def _has_something_to_say(connection: Any) -> bool:  # psycopg's, which SQLAlchemy's types do not know
    """Whether anything waits to be read: the server's last words, the end, or a harmless notice."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
