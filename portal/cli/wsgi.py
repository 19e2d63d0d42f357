"""What the web server loads. A fault of the installation ends it with its sentence instead of a trace."""

import sys
from collections.abc import Callable
from wsgiref.types import WSGIApplication

from portal import app
from portal.cli.family import SETUP_MARK
from portal.cli.logs import write_logs
from portal.errors import SetupError

APP_LOAD_ERROR = 4  # gunicorn's own status for "do not try again"


def portal() -> WSGIApplication:
    """The portal, with the provider where the settings mount it."""
    return _or_sentence(app.wsgi)


def provider() -> WSGIApplication:
    """The provider alone."""
    return _or_sentence(app.provider_wsgi)


def _or_sentence(factory: Callable[[], WSGIApplication]) -> WSGIApplication:
    write_logs()
    try:
        return factory()
    except SetupError as error:
        for sentence in str(error).splitlines():
            sys.stderr.write(f"{SETUP_MARK}{sentence}\n")
        sys.stderr.flush()
        sys.exit(APP_LOAD_ERROR)
