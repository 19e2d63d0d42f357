"""A group of commands that imports a command only when it is run, so that `--help` is quick."""

import importlib
from collections.abc import Mapping
from typing import NamedTuple

import click


class Named(NamedTuple):
    """A command by its place and the line that the help shows. A test holds the line against the command's own."""

    place: str
    line: str


class LazyGroup(click.Group):
    """Commands by name, under headings. They are listed in the order given."""

    def __init__(self, *, headings: Mapping[str, Mapping[str, Named]], name: str, help: str) -> None:
        super().__init__(name=name, help=help)
        self.headings = headings
        self.places = {name: named for part in headings.values() for name, named in part.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Every name."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import the command that is wanted."""
        if cmd_name not in self.places:
            return None
        module, _, attribute = self.places[cmd_name].place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.places[cmd_name].place} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """The list in `--help`, without importing anything."""
        width = max(map(len, self.places))
        for heading, part in self.headings.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), named.line) for name, named in part.items()])
