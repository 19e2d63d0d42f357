"""The audit trail: seal it, verify it, export it."""

import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import click

from portal.audit import exporting, verifying
from portal.audit.exporting import begin_export, public_key, written
from portal.audit.heads import newest_head, stretch_between
from portal.audit.sealing import PATIENCE_SECONDS, seal
from portal.cli.running import command_settings, transaction
from portal.db.session import session
from portal.errors import Refused

DAY: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)
SHOWN: Final = 100

since_option = click.option("--from", "since", type=DAY, help="From this day or time on (UTC), by when it was sealed.")
before_option = click.option("--to", "before", type=DAY, help="Until this day or time (UTC), which is left out.")


@click.group()
def audit() -> None:
    """The audit trail: seal it, verify it, export it for an auditor."""


@audit.command(short_help="Find out whether anything was tampered with.")
@since_option
@before_option
@click.option(
    "--heads", type=FILE, multiple=True, help="Heads that were written outside the database; may be given repeatedly."
)
def verify(since: datetime | None, before: datetime | None, heads: tuple[Path, ...]) -> None:
    """Find out whether anything in the audit trail was tampered with.

    Reads every entry, or those sealed in a time, and holds them against their chain. Says what was changed, deleted or
    put in later, and whether the end was cut off. --heads takes the file of MOOTHALL_AUDIT__HEADS_FILE, or a log with
    the worker's lines "audit head": only with those does it show when the whole chain was written anew.
    The exit status is 1 when there is anything wrong.
    """
    with command_settings() as settings, transaction(settings):
        verification = verifying.Verification(stretch_between(_utc(since), _utc(before)), heads)
        session().rollback()  # the look-up of the stretch is over; the reading wants a transaction of its own kind
        began, faults = time.monotonic(), 0
        findings = verification.findings()
        for finding in islice(findings, SHOWN):
            click.echo(finding.says)
            faults += 1
        more = sum(1 for _ in findings)
        seconds = time.monotonic() - began
        free = verifying.may_change_the_trail()
    if more:
        click.echo(f"And {more} more.")
    if verification.note:
        click.echo(verification.note)
    if free:
        click.echo("Note: the role that this was done with could change the trail. See portal/audit/README.md.")
    speed = (
        f"{verification.entries} entries in {seconds:.1f} s, {verification.entries / max(seconds, 1e-9):.0f} a second"
    )
    click.echo(f"{'Something is wrong' if faults else 'All as it was written'}: {speed}.")
    if faults:
        raise SystemExit(1)


@audit.command("seal", short_help="Link what was written to the chain now.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=PATIENCE_SECONDS,
    show_default=True,
    help="Seconds to wait for transactions that are open.",
)
def seal_now(patience: float) -> None:
    """Link what was written to the chain now. The job worker does this each minute."""
    with command_settings() as settings, transaction(settings):
        done = seal(patience=patience, heads_file=settings.audit.heads_file)
    click.echo(f"{done.entries} entries sealed.")
    if done.head is not None:
        click.echo(done.head.as_line())
    if done.held_up:
        click.echo("Newer ones were left: a transaction that may still write an older entry is open.", err=True)
        raise SystemExit(1)


@audit.command(short_help="Print where the chain ends.")
def head() -> None:
    """Print where the chain ends, as one line of JSON.

    Mail it, print it or keep it where nobody who works here can change it.
    """
    with command_settings() as settings, transaction(settings):
        found = newest_head()
    if found is None:
        raise Refused("Nothing is sealed yet.")
    click.echo(found.as_line())


@audit.command(short_help="Write a part of the trail to a file for an auditor.")
@since_option
@before_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON, one entry a line, or a table.",
)
@click.option("--file", "path", type=NEW_FILE, help="The file to write.  [default: a name by the ids, in this folder]")
def export(since: datetime | None, before: datetime | None, format_: exporting.Format, path: Path | None) -> None:
    """Write a part of the trail to a file for an auditor: entries, links and a signed manifest in a ZIP.

    The auditor checks it without the database, by the READ-ME.txt that is in it. That an export was made is written to
    the trail.
    """
    with command_settings() as settings, transaction(settings):
        made = begin_export(since=_utc(since), before=_utc(before), format=format_, actor="system:command")
        session().commit()
        path = path or Path(made.file_name)
        try:
            with path.open("xb") as file:
                for piece in written(made, settings):
                    file.write(piece)
        except OSError as error:
            raise Refused(f"The export cannot be written: {error.strerror}: {path}") from None
    click.echo(f"Written: {path}. The fingerprint of the key that signed it: {public_key(settings)[1]}")


@audit.command(short_help="Print the key that signs exports.")
def key() -> None:
    """Print the key that signs exports, and its fingerprint.

    Give the fingerprint to the auditor by another way than the export.
    """
    with command_settings() as settings:
        pem, fingerprint = public_key(settings)
    click.echo(f"{pem}{fingerprint}")


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
