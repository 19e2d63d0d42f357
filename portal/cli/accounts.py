"""Accounts: which identities open one, and moving all residents from one provider to another."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.accounts import identities, moving
from portal.accounts.mapping import read_mapping
from portal.accounts.moving import MEANING, Line, Move
from portal.accounts.queries import get_account
from portal.audit import operations as audit
from portal.cli.account_finding import account_meant, find
from portal.cli.account_forget import forget
from portal.cli.account_hold import release
from portal.cli.running import command_settings, transaction
from portal.errors import NotFound, Refused
from portal.settings.portal import Settings

CSV_COLUMNS = ("outcome", "account_id", "line")
MAPPING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REPORT_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def accounts() -> None:
    """Residents' accounts: what opens one, moving all to another provider."""


accounts.add_command(find)
accounts.add_command(forget)
accounts.add_command(release)


@accounts.command()
@click.argument("account")
def show(account: str) -> None:
    """Say which identities open an account. ACCOUNT is its id, or the reference from the page about a hold."""
    with command_settings() as settings, transaction(settings):
        account_id = account_meant(account)
        try:
            get_account(account_id)
            state = "open"
        except NotFound:
            state = "closed"
        ways = identities.ways_of(account_id)
    click.echo(f"account   {account_id}  {state}")
    for way in ways:
        moved = f"  moved to {way.moved_to}" if way.moved_at else f"  to move to {way.moved_to}" if way.moved_to else ""
        linked, used = (f"{moment:%Y-%m-%d %H:%M}" for moment in (way.linked_at, way.last_used_at))
        click.echo(f"identity  {way.id}  {way.issuer}  linked {linked}  last used {used}{moved}")


@accounts.command("move-provider", short_help="Move all residents to another provider.")
@click.option("--from", "source", required=True, help="The old provider: its name in the settings, or its issuer.")
@click.option("--to", "target", required=True, help="The new one, in the same way.")
@click.option("--same-subjects", is_flag=True, help="The provider has a new issuer and knows people as before.")
@click.option("--mapping", type=MAPPING_FILE, help="A CSV file with the columns old_sub,new_sub.")
@click.option("--report", type=REPORT_FILE, help="Write what becomes of each account to this CSV file: ids, no names.")
@click.option("--apply/--dry-run", default=False, help="Do it, or only say what would be done.  [default: dry run]")
def move_provider(
    source: str, target: str, same_subjects: bool, mapping: Path | None, report: Path | None, apply: bool
) -> None:
    """Move all residents of one provider to another.

    With --same-subjects or --mapping the new identity is linked at once. With neither, residents are asked to prove
    their account when they first come by the new provider with the same confirmed e-mail address.

    Nothing is changed without --apply. It works in portions and can be run again: what is done stays done. The old
    identities are kept, marked as moved, and deleted half a year after they were last of use; until then, moving the
    other way takes the move back. Take the old provider out of the settings once nobody should use it any more.
    """
    if same_subjects and mapping:
        raise Refused("Give --same-subjects or --mapping, not both.")
    with command_settings() as settings, transaction(settings):
        move = Move(_issuer(settings, source), _issuer(settings, target), apply)
        _check(settings, move)
        counts: Counter[str] = Counter()
        with _written(report) as write, _lines(move, same_subjects, mapping) as lines:
            for line in lines:
                counts[line.outcome] += 1
                write(line)
        if apply:
            ends = {"source": move.source, "target": move.target}
            audit.record("provider.moved", actor=moving.ACTOR, ends=ends, counts=dict(counts))
    _say(move, counts, report)


def _issuer(settings: Settings, given: str) -> str:
    """An issuer by the name in the settings, else as it was given."""
    if given in settings.providers:
        return settings.providers[given].issuer
    if given.startswith(("https://", "http://")):
        return given
    known = ", ".join(settings.providers) or "none"
    raise Refused(f"{given} is neither a provider in the settings ({known}) nor the address of an issuer.")


def _check(settings: Settings, move: Move) -> None:
    if move.source == move.target:
        raise Refused("Old and new provider are the same.")
    counts = moving.count_by_issuer()
    if move.source not in counts:
        known = "".join(f"\n  {issuer}  {count}" for issuer, count in counts.items()) or " none"
        raise Refused(f"Nobody signs in by {move.source}. These issuers have identities:{known}")
    if move.target not in {provider.issuer for provider in settings.providers.values()}:
        click.echo(f"Note: {move.target} is not in the settings yet. Nobody can come by it before it is.", err=True)


@contextmanager
def _lines(move: Move, same_subjects: bool, mapping: Path | None) -> Iterator[Iterator[Line]]:
    if mapping is not None:
        with read_mapping(mapping) as portions:
            yield moving.by_mapping(move, portions)
    else:
        yield moving.with_same_subjects(move) if same_subjects else moving.by_proof(move)


@contextmanager
def _written(path: Path | None) -> Iterator[Callable[[Line], object]]:
    """Writes each line to the CSV file, where one was asked for."""
    if path is None:
        yield lambda _line: None
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Refused(f"The report cannot be written: {error}") from None
    with file:
        rows = csv.writer(file)
        rows.writerow(CSV_COLUMNS)
        yield lambda line: rows.writerow((line.outcome, line.account_id or "", line.line or ""))


def _say(move: Move, counts: Counter[str], report: Path | None) -> None:
    click.echo(f"From {move.source}\nto   {move.target}\n")
    for outcome, meaning in MEANING.items():
        if counts[outcome]:
            click.echo(f"{counts[outcome]:>9}  {outcome:<10}  {meaning}")
    if report is not None:
        click.echo(f"\nEach account: {report}")
    if not move.apply:
        click.echo("\nNothing was changed. Run it again with --apply to do this.")
