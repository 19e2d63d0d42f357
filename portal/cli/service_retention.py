"""How long a service keeps what it keeps, and what of it is over."""

import click

from portal.cli.running import command_settings, transaction
from portal.errors import SetupError
from portal.kit.values import Retention
from portal.registry.discovery import discover
from portal.registry.keeping import LetGo, let_go_of, would_let_go
from portal.registry.mount import mounted


@click.command(short_help="Say what a service keeps too long, or erase it now.")
@click.argument("slug")
@click.option("--apply/--dry-run", default=False, help="Do it, or only say what would go.  [default: dry run]")
def retention(slug: str, apply: bool) -> None:
    """Say how many records of each kind the next night erases in a service, or erase them now.

    The dry run does it all in a transaction that is taken back. What goes with its case is the ledger's:
    `moothall cases retention`.
    """
    if slug not in [each.slug for each in discover()]:
        raise SetupError(f"There is no service called {slug}. `moothall service list` shows them.")
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        service = next(each for each in mounted() if each.slug == slug)
        found = {id(one.retention): one for one in (let_go_of(service) if apply else would_let_go(service))}
        for each in service.service.retention:
            click.echo(f"{_outcome(found.get(id(each)))}  {each.what}  ({_kept(each)})")
    if any(one.fault for one in found.values()):
        raise SetupError("Not all could be erased: the log above says why.")
    if not apply:
        click.echo("\nNothing was changed. Run it again with --apply to erase this now; the portal does it each night.")


def _outcome(found: LetGo | None) -> str:
    """How many, in a column."""
    if found is None:
        return f"{'-':>9}"
    return f"{found.many:>9}{'  failed' if found.fault else ''}"


def _kept(each: Retention) -> str:
    kept = f"{each.days} days after {each.after}" if each.days else f"until {each.after}"
    return kept if each.let_go is not None else f"{kept}; not by the night's work"
