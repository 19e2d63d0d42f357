"""The house in which a service is judged: a portal and a database of its own, with the demo's people moved in.

Everything here is made once, when the first check asks for it, and removed at the end.
"""

import inspect
import os
import secrets
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar, cast

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, Table, text

from portal.accounts.values import Account
from portal.app import create_app
from portal.conformance.offices import Office, playing
from portal.conformance.residents import Known
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import engine_for, upgrade
from portal.db.session import dispose, session
from portal.errors import SetupError
from portal.registry.discovery import Mounted
from portal.registry.histories import histories
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.settings.reading import load_settings

T = TypeVar("T")
ISSUER: Final = "http://127.0.0.1:9/id"
STAFF: Final = "staff:demo"
"""Who deals with cases in the demo where there is no desk."""
MoveIn = Callable[[Settings], Mapping[str, Known]]
"""Makes the demo's people and says who each is, by the key under which demo data know them. In an app's context."""


class House:
    """One service among the others, on a database of its own. `mounted` is the one that is judged."""

    def __init__(self, mounted: Mounted, services: Sequence[Mounted], url: str, move_in: MoveIn) -> None:
        self.mounted = mounted
        self.services = services
        self.url = url
        self._move_in = move_in
        self._open = ExitStack()
        self._kept: dict[object, object] = {}

    @property
    def slug(self) -> str:
        """The service's slug."""
        return self.mounted.slug

    @cached_property
    def office(self) -> Office | None:
        """Its back office, played by its stand-in behind a front that can be told to misbehave."""
        if self.mounted.service.standin is None:
            return None
        return self._open.enter_context(playing(self.mounted, _other_database(self.url, "standin")))

    @cached_property
    def app(self) -> Flask:
        """The portal with every service, on migrated tables."""
        upgrade(self.url, histories(self.services))
        with _environment(self._office_settings()):
            app = create_app(settings_for(self.url), self.services)
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as in production: a fault of the service is a page
        self._open.callback(self._close, app)
        return app

    @cached_property
    def people(self) -> Mapping[str, Known]:
        """The demo's people, with the service's demo data loaded."""
        with self.app.test_request_context("/"):
            people = self._move_in(settings_for(self.url))
            session().commit()
        self._load(people)
        return people

    def load_demo(self) -> None:
        """Load the service's demo data, once more if it is there already, and commit it."""
        self._load(self.people)

    def _load(self, people: Mapping[str, Known]) -> None:
        with self.app.test_request_context("/"):
            if self.mounted.service.demo is not None:
                self.mounted.service.demo({key: each.account for key, each in people.items()}, STAFF)
            session().commit()

    def once(self, make: "Callable[[House], T]") -> T:
        """What this makes of the house: made when it is first asked for, and then kept."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return cast(T, self._kept[make])

    @cached_property
    def engine(self) -> Engine:
        """To look into the database from outside."""
        engine = engine_for(self.url)
        self._open.callback(engine.dispose)
        return engine

    @property
    def tables(self) -> Sequence[Table]:
        """The service's own tables, by name."""
        history = self.mounted.history
        if history is None:
            return ()
        own = (each for each in history.metadata.tables.values() if not each.info.get("stub"))
        return sorted(own, key=lambda each: each.name)

    def accounts(self) -> Mapping[str, Account]:
        """The demo's people as accounts."""
        return {key: each.account for key, each in self.people.items()}

    def place_of(self, endpoint: str) -> str:
        """`file:line` of a view, or "" where it cannot be told."""
        view = self.app.view_functions.get(endpoint)
        if view is None:
            return ""
        try:
            plain = inspect.unwrap(view)
            return f"{self.short(inspect.getfile(plain))}:{inspect.getsourcelines(plain)[1]}"
        except (OSError, TypeError):
            return ""

    def short(self, filename: str) -> str:
        """A file as its developer knows it: from the package's folder on."""
        try:
            return str(Path(filename).relative_to(self.mounted.folder.parent))
        except ValueError:
            return filename

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """A context in which the service does its work and nothing of it stays."""
        with self.app.test_request_context("/"):
            try:
                yield
            finally:
                session().rollback()

    def close(self) -> None:
        """Let go of everything."""
        self._open.close()

    def _office_settings(self) -> Mapping[str, str]:
        standin = self.mounted.service.standin
        if standin is None or self.office is None:
            return {}
        prefix = f"MOOTHALL_{self.slug.upper()}_"
        return {
            f"{prefix}{standin.url.upper()}": self.office.url,
            f"{prefix}{standin.token.upper()}": self.office.token,
        }

    def _close(self, app: Flask) -> None:
        with app.app_context():
            dispose()


def settings_for(url: str) -> Settings:
    """Settings of a portal on loopback, with one provider at which nobody listens. The environment is left out."""
    provider = Provider(issuer=ISSUER, client_id="portal", client_secret=SecretStr(secrets.token_urlsafe(32)))
    return load_settings(
        {},
        public_url="http://localhost",
        database_url=url,
        secret_key="conformance-conformance-conformance",  # noqa: S106  # of a portal that nobody can reach
        providers={"moothall": provider},
        files_url="memory://",
        demo=True,
    )


@contextmanager
def house_for(mounted: Mounted, services: Sequence[Mounted], move_in: MoveIn) -> Iterator[House]:
    """A house with a PostgreSQL of its own, made and removed. Raises SetupError when none can run here."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            with house_on(server.url, mounted, services, move_in) as house:
                yield house
        finally:
            server.remove()


@contextmanager
def house_on(url: str, mounted: Mounted, services: Sequence[Mounted], move_in: MoveIn) -> Iterator[House]:
    """A house on this empty database, on whose server it may make others. What it makes there it drops again."""
    others = {each.slug: each for each in services if each.slug != mounted.slug}
    with _databases(url, "standin"):
        house = House(mounted, sorted([*others.values(), mounted], key=lambda each: each.slug), url, move_in)
        try:
            yield house
        finally:
            house.close()


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """One more database on the same server, empty, until the end of the block."""
    name = f"check_{uuid.uuid4().hex[:8]}"
    with _databases(url, name):
        yield _other_database(url, name)


@contextmanager
def _databases(url: str, name: str) -> Iterator[None]:
    engine = engine_for(url)
    name = _name_of(url, name)
    try:
        _at_once(engine, f'create database "{name}"')
        yield
        _at_once(engine, f'drop database "{name}" with (force)')
    finally:
        engine.dispose()


def _name_of(url: str, name: str) -> str:
    return f"{engine_for(url).url.database}_{name}"


def _other_database(url: str, name: str) -> str:
    base = engine_for(url).url
    if base.database is None:
        raise SetupError("The database's address names no database.")
    return url.replace(f"/{base.database}?", f"/{_name_of(url, name)}?")


def _at_once(engine: Engine, statement: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """The environment with these besides, for what is read at the start."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
