"""The stand-in for GOV.UK Notify over HTTP, and an application that sends through it and takes its receipts."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask
from jinja2 import DictLoader
from pydantic import SecretStr
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

import portal.api.setup
from portal.db import session as database
from portal.notify import delivery, receipts
from portal.notify.standin import courier, store
from portal.notify.standin.app import create_standin
from portal.notify.standin.place import PATH
from portal.settings.letters import Notify
from portal.settings.portal import Settings
from portal.web import setup
from tests.support.faults import misbehave, split
from tests.support.settings import settings_for

SERVICE = "4b1c1d5e-0a63-4e5d-9a35-6f0d7f8f6a11"
SECRET = "c2a0d5e9-6f0b-4b7e-8d7c-2a6f5b9e1d22"
KEY = f"tests-{SERVICE}-{SECRET}"
EMAIL_TEMPLATE = uuid.UUID("0b5a7c1e-5d7b-4f5e-9f6e-3d1c2b4a5e33")
SMS_TEMPLATE = uuid.UUID("1c6b8d2f-6e8c-4a6f-8a7f-4e2d3c5b6f44")
LETTER_TEMPLATE = uuid.UUID("2d7c9e3a-7f9d-4b7a-8b8a-5f3e4d6c7a55")
TOKEN = "tests-tests-tests-tests-receipts"


def notify_settings(base_url: str, **changes: Any) -> Notify:
    """The settings of a council that has made all templates."""
    values: dict[str, Any] = {
        "api_key": SecretStr(KEY),
        "base_url": base_url,
        "email_template_id": EMAIL_TEMPLATE,
        "sms_template_id": SMS_TEMPLATE,
        "letter_template_id": LETTER_TEMPLATE,
        "receipt_token": SecretStr(TOKEN),
    }
    return Notify(**(values | changes))


@dataclass
class Post:
    """A portal that can only write to people, the stand-in at its side, both at `url`."""

    url: str
    settings: Settings
    app: Flask
    standin: Flask

    def behave(self, **how: Any) -> None:
        """Tell the stand-in how to behave, as a program does."""
        faults, own = split(how)
        misbehave(f"{self.url}{PATH}", **faults)
        answer = requests.put(f"{self.url}{PATH}/control", json=own, timeout=5)
        assert answer.status_code == 200, answer.text

    def arrived(self) -> list[Mapping[str, Any]]:
        """What the stand-in has taken, oldest first."""
        with self.standin.app_context():
            return [dict(row) for row in reversed(store.newest({}, None))]

    def do(self, job: Any, **arguments: Any) -> None:
        """Do a job as the worker does."""
        with self.app.app_context():
            job(**arguments)
            database.db.session.commit()

    def deliver(self, message_id: uuid.UUID | str) -> None:
        """The job of one message."""
        self.do(delivery.deliver, id=str(message_id))

    def sweep(self) -> None:
        """What happens each minute."""
        self.do(delivery.again)

    def ask(self) -> None:
        """What happens every ten minutes."""
        self.do(receipts.ask)

    def send_receipts(self) -> int:
        """Have the stand-in send what is due."""
        return courier.send_due(self.standin)


@contextmanager
def post_running(database_url: str, letters: Mapping[str, str]) -> Iterator[Post]:
    """Everything, until the end of the block."""
    beside: dict[str, Any] = {}

    def portal_wsgi(environ: Any, start_response: Any) -> Any:
        return beside["portal"](environ, start_response)

    server = make_server("127.0.0.1", 0, portal_wsgi, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = settings_for(database_url, demo=True, public_url=url, notify=notify_settings(f"{url}{PATH}"))
    app = Flask("post", static_folder=None)
    database.install(app, database_url)
    setup.install(app, settings, name="post")
    portal.api.setup.install(app)
    app.jinja_env.loader = DictLoader(dict(letters))
    standin = create_standin(settings)
    app.testing = standin.testing = True
    beside["portal"] = DispatcherMiddleware(app.wsgi_app, {PATH: standin.wsgi_app})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Post(url, settings, app, standin)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for each in (app, standin):
            with each.app_context():
                database.dispose()


def forget_all(post: Post) -> None:
    """Empty the stand-in's tables, which the other fixtures may not know, and let it behave as usual."""
    misbehave(f"{post.url}{PATH}")
    with post.standin.app_context():
        for table in store.metadata.sorted_tables:
            database.session().execute(table.delete())
        database.session().commit()
