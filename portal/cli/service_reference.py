"""The reference of what a service may import."""

import click

from portal.kit.reference import reference as written


@click.command(short_help="Print the reference of portal.kit.")
def reference() -> None:
    """Print all that a service may import from the portal, in Markdown, as its docstrings say it."""
    click.echo(written(), nl=False)
