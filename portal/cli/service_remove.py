"""Remove a service: write down what it kept, then drop it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from portal import clock
from portal.cli.running import command_settings, transaction
from portal.errors import Refused, SetupError
from portal.registry.discovery import discover
from portal.registry.kept_for_services import counts
from portal.registry.removing import drop, write_down
from portal.registry.switches import reasons

ACTOR = "system:cli"
FOLDER = click.Path(path_type=Path)
STAYS = (
    "Its cases stay, with what was said on them: they are the council's, and residents and staff can still read them."
    " So do payments, the audit trail, what residents were told, and figures. What residents sent with a case is in the"
    " service's own tables: of that, only the folder is left."
)


@click.command(short_help="Write down what a service kept, then drop it.")
@click.argument("slug")
@click.option("--to", "folder", type=FOLDER, help="A new folder for the export.  [default: removed-SLUG-TIME]")
@click.option("--yes", is_flag=True, help="Do not ask. Needs --really.")
@click.option("--really", default="", help="The slug once more, instead of typing it.")
def remove(slug: str, folder: Path | None, yes: bool, really: str) -> None:
    """Write down all that a service kept, then drop its tables and what the portal keeps for it.

    The service must be off. You are asked twice; scripts say --yes --really SLUG. Cases stay, as do payments and the
    audit trail. The export holds personal data: only you can read it, and you answer for it.
    """
    folder = (folder or Path(f"removed-{slug}-{clock.now():%Y%m%d-%H%M%S}")).absolute()
    known = [each.slug for each in discover()]
    with command_settings() as settings:
        with transaction(settings):
            _refuse_unless_off(slug, known)
            goes = counts(slug)
        _say(slug, goes)
        _make_sure(slug, yes=yes, really=really)
        from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

        with _told_of_half(folder), transaction(settings, create_app(settings)):
            _refuse_unless_off(slug, known)
            written = write_down(slug, folder)
            drop(slug, actor=ACTOR, known=known)
    click.echo(
        f"{slug} is removed: {sum(goes.values())} rows in {len(goes)} tables. {sum(written.values())} rows are in"
    )
    click.echo(f"  {folder}")
    click.echo("Keep that folder as long as you must, and no longer: it holds personal data.")
    if slug in known:
        click.echo(
            f"Delete the folder services/{slug}, or uninstall its package, and start the portal anew. Until then its"
            f" pages say that it is closed. To have it again: `moothall db upgrade`, `moothall service on {slug}`."
        )


@contextmanager
def _told_of_half(folder: Path) -> Iterator[None]:
    """When it ends badly nothing is dropped, but personal data may lie in the folder."""
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        if folder.exists() and not was_there:
            click.echo(f"Nothing was removed. Delete {folder}: it holds a part of the export.", err=True)
        raise


def _refuse_unless_off(slug: str, known: list[str]) -> None:
    """What is not found any more is off; one that never was has no tables."""
    if slug not in known and not counts(slug):
        raise SetupError(f"There is no service called {slug}. `moothall service list` shows them.")
    if slug in known and slug not in reasons():
        raise SetupError(f"{slug} is on. Switch it off first: `moothall service off {slug}`.")


def _say(slug: str, goes: Mapping[str, int]) -> None:
    click.echo(f"This goes with {slug}:")
    for name, many in goes.items():
        click.echo(f"{many:>9}  {name}")
    click.echo(STAYS)


def _make_sure(slug: str, *, yes: bool, really: str) -> None:
    if not yes:
        click.confirm(f"Write it all down and drop {slug}?", abort=True)
        really = click.prompt(f"Type {slug} to drop it", default="", show_default=False)
    if really != slug:
        raise Refused(f"Nothing was removed: {slug} was not said twice. (Scripts: --yes --really {slug}.)")
