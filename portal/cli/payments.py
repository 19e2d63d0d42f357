"""Payments: reconcile them with the gateway, and what stands on the accounts."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import click

from portal import clock
from portal.cli.running import command_settings, transaction
from portal.errors import SetupError
from portal.payments.ledger import trial_balance
from portal.payments.reconciling import THIS_SECOND, Report
from portal.payments.reconciling import reconcile as compare
from portal.web.money import money

DAY: Final = click.DateTime(["%Y-%m-%d"])
LOOKED_BACK: Final = timedelta(days=31)
FIRST_DAY: Final = datetime(2016, 1, 1)  # noqa: DTZ001  # a day, as click gives them
"""GOV.UK Pay took its first payment in that year."""


@click.group()
def payments() -> None:
    """Payments: reconcile them with the gateway, see what stands on the accounts."""


@payments.command(short_help="Hold our books against the gateway's.")
@click.option("--from", "since", type=DAY, help="From this day on. Without it: a month ago.")
@click.option("--to", "until", type=DAY, help="Up to the end of this day. Without it: until now.")
def reconcile(since: datetime | None, until: datetime | None) -> None:
    """Hold our books against the gateway's, and take in what we missed.

    Compares every payment and refund that was begun in these days, and names each difference. The exit status is 1
    when any is left that somebody has to look into.
    """
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    now = clock.now()
    since_at = _midnight(max(since, FIRST_DAY)) if since else now - LOOKED_BACK
    is_over = until is not None and until.date() < clock.today()  # there is nothing after today
    until_at = _midnight(until + timedelta(days=1)) if until and is_over else now + THIS_SECOND
    if since_at >= until_at:
        raise SetupError("--from must be before --to.")
    with command_settings() as settings:
        if not settings.pay.is_set:
            raise SetupError("No gateway is set up: MOOTHALL_PAY__TOKEN is missing.")
        with transaction(settings, create_app(settings)):
            report = compare(since_at, until_at)
    _say(report)
    if report.left:
        raise SystemExit(1)


@payments.command()
def balances() -> None:
    """Show what stands on each account of the ledger. Debits are above nought, credits below."""
    with command_settings() as settings, transaction(settings):
        found = trial_balance()
    for each in found:
        click.echo(f"{money(each.pence):>16}  {each.account}")
    click.echo(f"{money(sum(each.pence for each in found)):>16}  in all")


def _say(report: Report) -> None:
    for each in report.differences:
        click.echo(f"{'taken in' if each.mended else 'LEFT':<9} {each.subject}  {each.says}")
    click.echo(
        f"{report.payments} payments, {money(report.taken)} taken; {report.refunds} refunds, {money(report.given_back)}"
        f" given back; {len(report.differences)} differences, {len(report.left)} left."
    )


def _midnight(day: datetime) -> datetime:
    """When that day began, as people in the council's area call it."""
    return datetime.combine(day.date(), time(), clock.LOCAL).astimezone(UTC)
