"""The stand-in as a process of its own: `python -m portal.payments.standin`, with the portal's own settings.

It listens where `MOOTHALL_PAY__URL` says, which must be a port of this machine, until it is told to end.
"""

import logging
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.errors import SetupError
from portal.payments.standin import courier
from portal.payments.standin.app import create_standin
from portal.settings.reading import load_settings


def main() -> None:
    """Serve. Raises SetupError when the settings lead elsewhere."""
    settings = load_settings()
    parts = urlsplit(settings.pay.url)
    if not settings.is_loopback or parts.hostname not in ("localhost", "127.0.0.1") or not parts.port:
        raise SetupError("MOOTHALL_PAY__URL must name a port of this machine, such as http://127.0.0.1:9001.")
    if not settings.pay.is_set:
        raise SetupError("MOOTHALL_PAY__TOKEN must be set: the stand-in lets in who shows it.")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request is of no use
    standin = create_standin(settings)
    courier.wake(standin)  # what waited when it was killed
    beside: dict[str, WSGIApplication] = {parts.path: standin.wsgi_app} if parts.path else {}
    rest = Flask("nothing").wsgi_app if parts.path else standin.wsgi_app
    make_server("127.0.0.1", parts.port, DispatcherMiddleware(rest, beside), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
