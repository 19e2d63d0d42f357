"""The provider as a WSGI application of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from portal.db import session as database
from portal.provider import (
    authenticator_pages,
    authorization,
    browser_login,
    consent_pages,
    demo,
    endpoints,
    hashing,
    logout,
    one_login_pages,
    passkey_pages,
    second_step,
    stale_forms,
    state,
    token,
    views,
    your_sign_in,
)
from portal.provider.back_channel import tell_client
from portal.provider.keys import identity_ring
from portal.provider.keys import ring as ring_of
from portal.provider.tidy import tidy
from portal.settings.portal import Settings
from portal.signing.ring import KeyRing
from portal.web import csrf, setup

JOBS = (tidy, tell_client)
PAGES = (authenticator_pages, second_step)
"""Registered by being imported; named here so that the import is seen to be needed."""


def create_provider(settings: Settings) -> Flask:
    """The provider, for its own address or to be mounted where `settings.issuer` says."""
    app = Flask(__name__, static_folder=None)
    database.install(app, settings.database_url)
    setup.install(app, settings, name="moothall_id", address=settings.issuer, session_cookie=browser_login.COOKIE)
    ring = KeyRing(ring_of(settings), lambda: _own_transaction(app))
    state.install(app, state.ProviderState(settings, ring))
    hashing.let_wait(settings.own_provider.passwords_at_once)
    app.register_blueprint(endpoints.bp)
    app.register_blueprint(authorization.bp)
    app.register_blueprint(token.bp)
    app.register_blueprint(logout.bp)
    app.register_blueprint(views.bp)
    app.register_blueprint(consent_pages.bp)
    app.register_blueprint(your_sign_in.bp)
    passkey_pages.install(app)
    if settings.demo:
        app.register_blueprint(demo.bp)
    if settings.own_provider.shape == "one_login":
        one_login_pages.install(app, KeyRing(identity_ring(settings), lambda: _own_transaction(app)))
    csrf.on_stale_form(app, stale_forms.answer)
    setup.compile_templates(app)
    return app


@contextmanager
def _own_transaction(app: Flask) -> Iterator[Session]:
    """A short transaction beside the request's: a key that was published must not be rolled back with a page."""
    with app.app_context(), database.beside() as connection, Session(connection) as own:
        yield own
        own.flush()  # `beside` commits, and knows nothing of the session
