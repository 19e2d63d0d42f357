"""Serve pages: gunicorn, which lost no request when its workers were killed."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from portal.cli.ports import read_bind
from portal.cli.running import served_settings, transaction
from portal.provider.operations import follow_settings

Command = Callable[..., Any]  # whatever click decorates

ROOM = "MOOTHALL_OWN_PROVIDER__PASSWORDS_AT_ONCE"
"""How many of the threads may wait for a password to be checked: the others stay free for other pages."""


def gunicorn_command(
    target: str, binds: Sequence[str], *, workers: int, threads: int, grace: int = 20, more: Sequence[str] = ()
) -> list[str]:
    """The web server's command line. The portal calls its own provider over HTTP, hence more than one thread."""
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", str(threads), "--graceful-timeout", str(grace)]
    command += ["--timeout", "30", "--keep-alive", "5"]
    # The longest that it takes: what is longer gets its own bare answer instead of our page.
    command += ["--limit-request-line", "8190"]
    # Forwarded headers are judged once, by the portal (MOOTHALL_TRUSTED_PROXIES), not by the server as well.
    command += ["--forwarded-allow-ips", ""]
    command.append("--no-control-socket")  # it would write into the home folder
    if ROOM not in os.environ:
        command += ["--env", f"{ROOM}={max(1, threads * 3 // 4)}"]
    for bind in binds:
        command += ["--bind", bind]
    return [*command, *more, f"portal.cli.wsgi:{target}()"]


def become(command: Sequence[str]) -> None:
    """Turn into this process, so that signals reach it."""
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606  # our own command


PASS_ON = {"ignore_unknown_options": True}
"""For commands that hand the options that they don't know to gunicorn."""
AT_LEAST_ONE = click.IntRange(min=1)


def read_binds(_context: click.Context, _option: click.Parameter, written: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of `--bind`, looked at before a server is started. Raises SetupError."""
    return tuple(map(read_bind, written))


def server_options(bind: str) -> Callable[[Command], Command]:
    """The options of every command that becomes a server. `bind` is its address unless another is given."""
    options = (
        click.option(
            "--bind",
            multiple=True,
            default=(bind,),
            show_default=True,
            callback=read_binds,
            help="Address; may be repeated.",
        ),
        click.option(
            "--workers",
            type=AT_LEAST_ONE,
            default=2,
            show_default=True,
            help="Processes; about one for each core.",
        ),
        click.option(
            "--threads",
            type=AT_LEAST_ONE,
            default=16,
            show_default=True,
            help="Requests that one process answers at a time.",
        ),
        click.argument("gunicorn_options", nargs=-1, type=click.UNPROCESSED),
    )

    def add_options(function: Command) -> Command:
        for option in reversed(options):  # as decorators do, the last first
            function = option(function)
        return function

    return add_options


@click.command(context_settings=PASS_ON)
@server_options("127.0.0.1:8000")
def web(bind: tuple[str, ...], workers: int, threads: int, gunicorn_options: tuple[str, ...]) -> None:
    """Serve the portal.

    It needs settings in the environment (`moothall settings` lists them) and does not use the demo's; the tables
    must be current (`moothall db upgrade`). Options that are not listed here are handed to gunicorn.

    Each process may hold a database connection for each thread and five more: 42 with two workers of 16 threads, and
    twice that where the own provider is mounted. PostgreSQL allows 100 in all unless its max_connections says more.
    """
    settings = served_settings()
    if settings.own_provider.mounted:
        with transaction(settings):
            follow_settings(settings)
    become(gunicorn_command("portal", bind, workers=workers, threads=threads, more=gunicorn_options))
