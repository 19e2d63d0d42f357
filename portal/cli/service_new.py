"""`moothall service new`: write a service that runs."""

import importlib.util
from pathlib import Path

import click

from portal.errors import SetupError
from portal.registry.discovery import FOLDER, discover
from portal.scaffold.naming import check_title, slug_for, tidy
from portal.scaffold.writing import NewService, write_project, write_service


@click.command("new", short_help="Write a new service that runs: a form, its cases, its tests.")
@click.argument("title")
@click.option("--title-cy", default="", help="The title in Welsh.")
@click.option("--apart", type=click.Path(path_type=Path), help="Write it into this folder, as a project of its own.")
def new(title: str, title_cy: str, apart: Path | None) -> None:
    """Write a new service that runs, called TITLE, such as "Garden waste".

    It has a form of three questions with a check and a confirmation, a case that a caseworker finishes, a card on home,
    demo data, Welsh and tests. Nothing else is edited. Change it from there: services/TUTORIAL.md.
    """
    title, title_cy = tidy(title), tidy(title_cy)
    slug = slug_for(title, [each.slug for each in discover()])
    if title_cy:
        check_title(title_cy)
    if apart is not None:
        _write_apart(title, title_cy, slug, apart)
        return
    if not (FOLDER.parent / "pyproject.toml").is_file():
        raise SetupError("This portal is installed and not a working copy. Write the service apart: --apart FOLDER.")
    written = write_service(
        NewService(title=title, title_cy=title_cy, slug=slug, package=f"{FOLDER.name}.{slug}"), FOLDER
    )
    here = written.relative_to(FOLDER.parent)
    click.echo(f"{here} is written, and it runs. Its questions are in forms.py, their order in rules.py.")
    click.echo(f"Try its tests:  python -m pytest {here}")
    click.echo(f"Judge it:       moothall service check {slug}")
    click.echo(f"See it:         moothall demo, then /services/{slug}/{_in_welsh(title_cy)}")


def _write_apart(title: str, title_cy: str, slug: str, folder: Path) -> None:
    if importlib.util.find_spec(slug) is not None:
        raise SetupError(f"There is a Python package called `{slug}` already. Choose another title.")
    write_project(NewService(title=title, title_cy=title_cy, slug=slug, package=slug), folder)
    click.echo(f"{folder} is written: a project with the package {slug}, found by its entry point once installed.")
    click.echo(f"Install it:     python -m pip install --editable {folder}")
    click.echo(f"Try its tests:  cd {folder} && python -m pytest")
    click.echo(f"Judge it:       moothall service check {slug}{_in_welsh(title_cy)}")


def _in_welsh(title_cy: str) -> str:
    """What is left to do about the language."""
    return "" if title_cy else "  (Its title has no Welsh yet: translations/cy.po.)"
