"""Those who sign in at our own provider."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from portal.cli.running import command_settings, transaction
from portal.db.session import dispose, session
from portal.errors import NotFound, Refused, SetupError
from portal.provider.addresses import folded
from portal.provider.app import create_provider
from portal.provider.factors import reset_factors
from portal.provider.models import Person
from portal.provider.operations import change_groups, register_person, remove_person
from portal.provider.passwords import LONGEST, SHORTEST, objection
from portal.settings.portal import Settings
from portal.web.languages import LANGUAGES

AT_ONCE = 500


@click.group()
def people() -> None:
    """Those who sign in at our own provider: list, add, remove, reset."""


@people.command("list")
@click.option("--after", default="", help="Go on after this e-mail address.")
def list_people(after: str) -> None:
    """List people by e-mail address, 500 at a time."""
    query = select(Person.id, Person.email, Person.demo, Person.email_verified_at, Person.groups)
    query = query.where(Person.email > after.casefold()).order_by(Person.email).limit(AT_ONCE)
    with command_settings() as settings, transaction(settings):
        found = session().execute(query).all()
    for person in found:
        marks = ("demo" if person.demo else "") or ("" if person.email_verified_at else "e-mail not confirmed")
        click.echo(f"{person.id}  {person.email}  {marks}  {', '.join(person.groups)}".rstrip())
    if len(found) == AT_ONCE:
        click.echo(f"More: moothall people list --after {found[-1].email}")


@people.command()
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--given-name", required=True, help="Their first names.")
@click.option("--family-name", required=True, help="Their last name.")
@click.option("--demo", is_flag=True, help="Sign in by one click, without a password. In the demo only.")
@click.option("--note", default="", help="One line beside a demo person's button.")
@click.option("--group", "groups", multiple=True, help="What they belong to as staff; may be given more than once.")
@click.option("--password", envvar="MOOTHALL_NEW_PASSWORD", help="Asked for when it is not given.")
def add(
    email: str,
    given_name: str,
    family_name: str,
    demo: bool,
    note: str,
    groups: tuple[str, ...],
    password: str | None,
) -> None:
    """Add a person whose e-mail address you have checked yourself."""
    if not demo and password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with command_settings() as settings, transaction(settings):
        known = {"email": email, "council": settings.council.name, "name": f"{given_name} {family_name}"}
        if password is not None and objection(password, **known):
            raise Refused(
                f"The password is refused: it needs {SHORTEST} to {LONGEST} characters and must not be easy to guess,"
                " as a common one is or the person's own name."
            )
        sub: uuid.UUID = register_person(
            email=email,
            password=None if demo else password,
            given_name=given_name,
            family_name=family_name,
            verified=True,
            demo=demo,
            note=note,
            groups=groups,
            settings=settings,
        )
    click.echo(str(sub))


@people.command(short_help="What a person belongs to as staff.")
@click.argument("person")
@click.option("--add", "added", multiple=True, metavar="GROUP", help="Put them into this group.")
@click.option("--remove", "removed", multiple=True, metavar="GROUP", help="Take them out of this group.")
def groups(person: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Show or change the groups of PERSON, an id or an e-mail address. What a group may do is said in /desk/rights."""
    with command_settings() as settings:
        person_id = _id_of(person, settings)
        with _at_provider(settings, person_id):
            now = change_groups(person_id, add=added, remove=removed)
    for group in now:
        click.echo(group)


@people.command(short_help="Remove a person and end all their sign-ins.")
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def remove(person: str, yes: bool) -> None:
    """Remove PERSON, an id or an e-mail address, from our own provider. They can never sign in by it again.

    Services where they are signed in are told, and close. Their account at the portal stays: this is about the way
    in, not about the council's records.
    """
    with command_settings() as settings:
        person_id = _id_of(person, settings)
        if not yes:
            click.confirm("They can never sign in by this provider again. Remove them?", abort=True)
        with _at_provider(settings, person_id):  # which knows its issuer, by which clients know who tells them
            remove_person(person_id)
    click.echo(f"Person {person_id} is removed.")


@people.command("reset-factors", short_help="Take away passkeys, app and recovery codes.")
@click.argument("person")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of the letter.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def reset_second_factors(person: str, language: str, yes: bool) -> None:
    """Take every second factor away from somebody who has lost them all. Check who they are first, not by e-mail.

    PERSON is an id or an e-mail address. Their password stays. All their sign-ins end, and they are written to.
    """
    with command_settings() as settings:
        person_id = _id_of(person, settings)
        if not yes:
            click.confirm("Their password alone will then let them in. Have you made sure who they are?", abort=True)
        with _at_provider(settings, person_id):  # whose templates the letter is made of
            reset_factors(person_id, actor="system:command", language=language)
    click.echo(f"The second factors of {person_id} are removed.")


def _id_of(person: str, settings: Settings) -> uuid.UUID:
    """The id of the person with this id or e-mail address. Raises SetupError when nobody has the address."""
    if "@" not in person:
        try:
            return uuid.UUID(person)
        except ValueError:
            raise SetupError(f"{person} is neither an id nor an e-mail address.") from None
    with transaction(settings):
        found = session().scalar(select(Person.id).where(Person.email == folded(person)))
    if found is None:
        raise SetupError(
            f"There is nobody with the e-mail address {person}. `moothall people list` shows who there is."
        )
    return found


@contextmanager
def _at_provider(settings: Settings, person_id: uuid.UUID) -> Iterator[None]:
    """A transaction within the provider's application. Raises SetupError when there is nobody with that id."""
    with create_provider(settings).app_context():
        try:
            yield
            session().commit()
        except NotFound:
            raise SetupError(f"There is nobody with the id {person_id}. `moothall people list` shows ids.") from None
        finally:
            session().close()
            dispose()
