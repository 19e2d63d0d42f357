"""The worker's part, played by hand."""

from sqlalchemy import text

from portal.db.session import session
from portal.jobs import queue

_TAKE = text("update jobs.procrastinate_jobs set status = 'succeeded' where status = 'todo' returning task_name, args")


def work() -> list[str]:
    """Do every job that was deferred and committed, each in a transaction of its own; their names in order.

    Needs the application's context.
    """
    jobs = session().execute(_TAKE).all()
    session().commit()
    for name, arguments in jobs:
        queue._registered[name](**arguments)
        session().commit()
    return [name for name, _arguments in jobs]
