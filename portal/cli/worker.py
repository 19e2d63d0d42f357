"""The job worker."""

import click

from portal import app
from portal.cli.logs import write_logs
from portal.cli.running import served_settings
from portal.cli.serving import AT_LEAST_ONE
from portal.jobs.queue import worker_app
from portal.jobs.worker import run


@click.command()
@click.option(
    "--concurrency", type=AT_LEAST_ONE, default=2, show_default=True, help="Jobs at a time, photographs apart."
)
@click.option(
    "--photos",
    type=AT_LEAST_ONE,
    default=1,
    show_default=True,
    help="Photographs at a time; each takes 200 MB of memory.",
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    help="Seconds that running jobs have when it is stopped.",
)
def worker(concurrency: int, photos: int, grace: float) -> None:
    """Do the work that pages leave for later.

    That is e-mails, photographs and tidying by the clock. Run as many as you like, on any machine that reaches the
    database. A job that was cut off is done again.

    It needs the same settings in the environment as `moothall web`, and does not use the demo's.
    """
    write_logs()
    settings = served_settings()
    jobs = worker_app(settings.database_url, app.create_app(settings))
    run(jobs, concurrency=concurrency, photos=photos, grace=grace)
