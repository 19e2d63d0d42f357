"""The job worker."""

import click

from portal import app
from portal.cli.logs import write_logs
from portal.cli.running import served_settings
from portal.jobs.queue import worker_app


@click.command()
@click.option("--concurrency", default=2, show_default=True, help="Jobs at a time; a photo takes 200 MB of memory.")
@click.option("--grace", default=20.0, show_default=True, help="Seconds that running jobs have when it is stopped.")
def worker(concurrency: int, grace: float) -> None:
    """Do the work that pages leave for later.

    That is e-mails, photographs and tidying by the clock. Run as many as you like, on any machine that reaches the
    database. A job that was cut off is done again.
    """
    write_logs()
    settings = served_settings()
    jobs = worker_app(settings.database_url, app.create_app(settings))
    jobs.run_worker(concurrency=concurrency, shutdown_graceful_timeout=grace, delete_jobs="successful")
