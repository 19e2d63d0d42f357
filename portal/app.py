"""The portal as one WSGI application: an ordered list of set-up steps and nothing else."""

from collections.abc import Sequence
from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import portal.accounts.setup
import portal.api.setup
import portal.audit.sealing  # registers the job
import portal.backoffices.deliveries  # registers the jobs
import portal.cases.setup
import portal.desk.setup
import portal.files.setup
import portal.gazetteer.lookup
import portal.home.asking
import portal.home.setup
import portal.identity.setup
import portal.joining.setup
import portal.linkouts.tidying  # registers the job
import portal.notices.setup
import portal.payments.setup
import portal.registry.keeping  # registers the job
import portal.registry.mount
import portal.staff.setup
import portal.web.setup
from portal.db import session
from portal.identity.sessions import actor_for, current_account_or_none
from portal.notify.standin.app import create_standin
from portal.notify.standin.place import PATH, is_mounted
from portal.payments.standin.app import create_standin as create_pay_standin
from portal.payments.standin.place import PATH as PAY_PATH
from portal.payments.standin.place import is_mounted as is_pay_mounted
from portal.provider.app import create_provider
from portal.registry.discovery import Mounted, discover
from portal.registry.standins import played_beside
from portal.settings.portal import Settings
from portal.settings.reading import load_settings
from portal.standins.faulty import with_faults

PROGRAMS = ("/.well-known/", "/jwks", "/token", "/userinfo")
"""Where programs call our own provider, which the demo can have misbehave. Its pages for people keep working."""


def create_app(settings: Settings, services: Sequence[Mounted] | None = None) -> Flask:
    """The portal with its services. `services` is for tests; otherwise they are discovered.

    Raises SetupError when a setting or a service is wrong.
    """
    services = discover() if services is None else services
    app = Flask("portal", root_path=str(Path(__file__).parent), static_folder=None)
    session.install(app, settings.database_url)
    portal.web.setup.install(app, settings, name="moothall")
    portal.gazetteer.lookup.install(app, settings)
    portal.accounts.setup.install(app)
    portal.notices.setup.install(app)
    portal.cases.setup.install(app, settings)
    portal.joining.setup.install(app)
    portal.payments.setup.install(app)
    portal.files.setup.install(app, settings, whose=current_account_or_none, actor=actor_for)
    portal.home.setup.install(app, settings)  # before identity, so that Sign out ends the menu
    portal.registry.mount.install_switches(app)  # before identity: a stranger is not asked to sign in for nothing
    portal.api.setup.install(app)
    portal.identity.setup.install(app, settings)
    portal.staff.setup.install(app)
    portal.desk.setup.install(app)
    portal.registry.mount.install(app, services)
    portal.home.asking.install(app, services, budget_ms=settings.home_budget_ms)
    portal.web.setup.compile_templates(app)
    return app


def with_provider(app: Flask, settings: Settings) -> WSGIApplication:
    """The portal, and what the settings mount beside it: our own provider under `/id`, the demo's stand-ins."""
    beside: dict[str, WSGIApplication] = {}
    if settings.own_provider.mounted:
        provider = create_provider(settings)
        if settings.demo:
            with_faults(provider, settings.database_url, name="provider", title="OpenID Provider", calls=PROGRAMS)
        beside["/id"] = provider.wsgi_app
    if is_mounted(settings):
        beside[PATH] = create_standin(settings).wsgi_app
    if is_pay_mounted(settings):
        beside[PAY_PATH] = create_pay_standin(settings).wsgi_app
    with app.app_context():
        beside |= played_beside(app, portal.registry.mount.mounted(), settings)
    return DispatcherMiddleware(app.wsgi_app, beside) if beside else app.wsgi_app


def wsgi() -> WSGIApplication:
    """What the web server runs: `gunicorn "portal.app:wsgi()"`."""
    settings = load_settings()
    return with_provider(create_app(settings), settings)


def provider_wsgi() -> WSGIApplication:
    """Our own provider on its own address: `gunicorn "portal.app:provider_wsgi()"`."""
    return create_provider(load_settings()).wsgi_app
