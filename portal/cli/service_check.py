"""`moothall service check`: judge a service by the kit."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from portal.cli import demo_data
from portal.cli.demo_people import PEOPLE
from portal.conformance.residents import Known
from portal.errors import SetupError
from portal.registry.discovery import discover
from portal.settings.portal import Settings

NEEDED = {"html5lib": "html5lib", "importlinter": "import-linter"}
FOR_A_BROWSER = {"playwright": "playwright", "axe_playwright_python": "axe-playwright-python"}


@click.command(short_help="Judge a service: does it keep every rule of the house?")
@click.argument("slug")
@click.option("--junit", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write JUnit XML there.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this check; may be given several times.")
@click.option("--no-browser", is_flag=True, help="Leave out what needs Chromium: axe, and the width of a phone.")
def check(slug: str, junit: Path | None, only: tuple[str, ...], no_browser: bool) -> None:
    """Judge a service: does it keep every rule of the house?

    It is run on a database of its own, with its demo data, and nothing of yours is touched. Every finding says what is
    wrong, where, and how to mend it; with findings the exit status is 1.
    """
    _refuse_unless_installed(NEEDED | ({} if no_browser else FOR_A_BROWSER))
    from portal.conformance import junit as xml  # noqa: PLC0415  # needs what was asked for above
    from portal.conformance.every import chosen  # noqa: PLC0415  # as above
    from portal.conformance.house import house_for  # noqa: PLC0415  # as above
    from portal.conformance.judging import judge, many  # noqa: PLC0415  # as above
    from portal.conformance.report import count, lines  # noqa: PLC0415  # as above

    checks, services = chosen(only), discover()
    mounted = next((each for each in services if each.slug == slug), None)
    if mounted is None:
        raise SetupError(
            f"There is no service called {slug}. There are: {', '.join(each.slug for each in services) or 'none'}."
        )
    with house_for(mounted, services, move_in) as house:
        outcomes = []
        for outcome in judge(house, checks, browser=not no_browser):
            outcomes.append(outcome)
            click.echo("\n".join(lines(outcome)))
    click.echo(f"\n{count(slug, outcomes)}")
    if junit is not None:
        junit.write_text(xml.document(slug, outcomes), encoding="utf-8")
    if many(outcomes):
        raise SystemExit(1)


def move_in(settings: Settings) -> Mapping[str, Known]:
    """The demo's people on this database, as the demo makes them. The caller commits."""
    accounts = demo_data.move_in(settings)
    known = {person.key: demo_data.subject_of(person.sub, settings) for person in PEOPLE}
    return {key: Known(account, settings.issuer, known[key]) for key, account in accounts.items()}


def _refuse_unless_installed(needed: Mapping[str, str]) -> None:
    missing = sorted(package for module, package in needed.items() if find_spec(module) is None)
    if missing:
        raise SetupError(
            f"The kit needs {', '.join(missing)}, which the portal itself does not. Install it with"
            " `pip install 'moothall[conformance]'`."
        )
