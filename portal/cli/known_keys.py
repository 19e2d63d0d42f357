"""Signing keys as commands list them."""

from collections.abc import Sequence

import click

from portal import clock
from portal.signing.ring import Known


def show(known: Sequence[Known]) -> None:
    """Print a line for each: what it does now, and until when it is published."""
    now = clock.now()
    signing = {each.algorithm: each.kid for each in known if each.signs_from <= now}  # the oldest come first
    for each in known:
        does = f"signs from {each.signs_from:%Y-%m-%d %H:%M} UTC" if each.signs_from > now else "has signed"
        if signing.get(each.algorithm) == each.kid:
            does = "signs now"
        until = f", published until {each.published_until:%Y-%m-%d %H:%M} UTC" if each.published_until else ""
        click.echo(f"{each.kid}  {each.algorithm}  {does}{until}")
