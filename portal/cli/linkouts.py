"""Link-outs, by command: remote applications that write to a resident's home."""

import click

from portal.cli.running import command_settings, transaction
from portal.errors import SetupError
from portal.linkouts.queries import find_link_out, link_outs, sizes
from portal.linkouts.registering import register, rotate
from portal.linkouts.registering import remove as remove_link_out
from portal.linkouts.values import SCOPES, LinkOut
from portal.registry.switches import reasons, switch_off, switch_on
from portal.settings.portal import Settings

ACTOR = "system:cli"


@click.group("link-out")
def link_out() -> None:
    """Link-outs, services on other sites: add, list, off, on, rotate, remove."""


@link_out.command(short_help="Register an application, or change the one with this slug.")
@click.argument("slug")
@click.option("--title", required=True, help="What residents know it as.")
@click.option("--title-cy", default="", help="The same in Welsh.")
@click.option("--summary", required=True, help="What they can do there, in a sentence.")
@click.option("--summary-cy", default="", help="The same in Welsh.")
@click.option("--url", required=True, help="Its front page. All links that it sends must begin with the same origin.")
@click.option("--client-id", help="Its client id at the provider.  [default: the slug]")
@click.option("--issuer", help="That provider.  [default: the one that residents sign in with]")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=SCOPES,
    show_default=True,
    help="What it may write; may be repeated.",
)
def add(slug: str, client_id: str | None, issuer: str | None, **said: str) -> None:
    """Register an application, or change the one with this slug: what is not said is not so.

    A new one gets a token, which is shown once and kept as a hash. One that is known keeps its token.
    """
    with command_settings() as settings, transaction(settings):
        made = LinkOut(slug=slug, client_id=client_id or slug, issuer=_issuer(settings, issuer), **said)
        token = register(made, actor=ACTOR, loopback=settings.is_loopback)
    click.echo(f"link-out   {slug}\nissuer     {made.issuer}\nclient_id  {made.client_id}")
    click.echo(_shown(token) if token else "Saved. It keeps its token.")


@link_out.command("list", short_help="List them, with how many residents each knows.")
def list_link_outs() -> None:
    """List them: address, whether on, how many residents each knows, and how many it has yet to forget."""
    with command_settings() as settings, transaction(settings):
        found, off, many = link_outs(), reasons(), sizes()
    width = max((len(each.slug) for each in found), default=0)
    for each in found:
        state = f"off: {off[each.switch]}" if each.switch in off else "on"
        people, erasures = many[each.slug]
        click.echo(
            f"{each.slug.ljust(width)}  {each.title}  {each.url}  {state};"
            f" {people} residents, {erasures} erasures that it has not confirmed"
        )


@link_out.command(short_help="Switch one off at once, everywhere.")
@click.argument("slug")
@click.option("--reason", default="", help="What residents are told, in English.")
@click.option("--reason-cy", default="", help="The same in Welsh.")
def off(slug: str, reason: str, reason_cy: str) -> None:
    """Switch one off at once, everywhere: nothing of it is shown, and it can write nothing. What it sent is kept."""
    with command_settings() as settings, transaction(settings):
        switch_off(_get(slug).switch, actor=ACTOR, reason=reason, reason_cy=reason_cy)
    click.echo(f"{slug} is off.")


@link_out.command()
@click.argument("slug")
def on(slug: str) -> None:
    """Switch one on again."""
    with command_settings() as settings, transaction(settings):
        switch_on(_get(slug).switch, actor=ACTOR)
    click.echo(f"{slug} is on.")


@link_out.command("rotate")
@click.argument("slug")
def rotate_token(slug: str) -> None:
    """Make a new token. The old one counts no longer, at once."""
    with command_settings() as settings, transaction(settings):
        token = rotate(slug, actor=ACTOR)
    click.echo(_shown(token))


@link_out.command()
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def remove(slug: str, yes: bool) -> None:
    """Take an application off, with all that it sent and whom it knew."""
    with command_settings() as settings, transaction(settings):
        found = _get(slug)
        if not yes:
            click.confirm(f"All that “{found.title}” has sent is erased. Remove it?", abort=True)
        remove_link_out(slug, actor=ACTOR)
        switch_on(found.switch, actor=ACTOR)  # the next one of that slug begins anew
    click.echo(f"{slug} is removed.")


def _get(slug: str) -> LinkOut:
    found = find_link_out(slug)
    if found is None:
        raise SetupError(f"There is no link-out called {slug}. `moothall link-out list` shows those there are.")
    return found


def _issuer(settings: Settings, said: str | None) -> str:
    """The issuer whose ID tokens count. Raises SetupError when residents do not sign in with it."""
    known = [each.issuer for each in settings.providers.values() if each.people == "residents"]
    if said is None and len(known) == 1:
        return known[0]
    if said not in known:
        raise SetupError(f"Name the provider with --issuer. Residents sign in with: {', '.join(known) or 'none'}.")
    return said


def _shown(token: str) -> str:
    return f"token      {token}   (kept as a hash only: write it down now)"
