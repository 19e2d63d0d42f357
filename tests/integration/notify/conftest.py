"""A small application with letters of its own, and mail servers to send them to."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from jinja2 import DictLoader
from pydantic import SecretStr

from portal.db import session as database
from portal.settings.letters import Mail
from portal.settings.portal import Settings
from portal.web.languages import template_gettext
from portal.web.state import WebState
from tests.support.notify import Post, forget_all, post_running

LETTERS = {
    "test/mail/hello.txt": '{{ _("Your report") }}\n\nDear {{ name }},\n\n{{ link }}\n\n{{ council_name }}\n',
    "test/mail/subject.txt": "Hello {{ name }}\n\nText.\n",
    "test/sms/hello.txt": "{{ council_name }}: you have a message – “{{ name }}”.",
}


@pytest.fixture
def post_room(clean_database: str) -> Iterator[Callable[[Mail], Flask]]:
    """Makes applications that can write letters and nothing else."""
    made: list[Flask] = []

    def application(mail: Mail) -> Flask:
        app = Flask("post_room")
        database.install(app, clean_database)
        settings = Settings(secret_key=SecretStr("s" * 32), mail=mail, demo=mail.host is None)
        app.extensions["moothall.web"] = WebState(settings, "test", frozenset(), frozenset(), "session")
        app.jinja_env.loader = DictLoader(LETTERS)
        app.jinja_env.globals["_"] = template_gettext
        made.append(app)
        return app

    yield application
    for app in made:
        with app.app_context():
            for engine in database.db.engines.values():
                engine.dispose()


@pytest.fixture(scope="session")
def _post(database_url: str) -> Iterator[Post]:
    with post_running(database_url, LETTERS) as post:
        yield post


@pytest.fixture
def post(_post: Post, clean_database: str) -> Iterator[Post]:
    """A portal with the stand-in for GOV.UK Notify at its side, both over HTTP and empty."""
    forget_all(_post)
    yield _post
    forget_all(_post)


@dataclass
class Inbox:
    """What a mail server took, and what it answers."""

    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_message: str = "250 OK"

    async def handle_RCPT(  # noqa: N802  # the server calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer for a recipient."""
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802  # likewise
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answer for a message."""
        if self.to_message.startswith("2"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.envelopes.append(envelope)
        return self.to_message


@pytest.fixture
def inbox() -> Inbox:
    """An empty inbox."""
    return Inbox()


@pytest.fixture
def mail_server(inbox: Inbox) -> Iterator[Mail]:
    """A real SMTP server on this machine that fills the inbox; the settings that lead to it."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield settings_for(controller.port)
    finally:
        controller.stop()


@pytest.fixture
def scripted_server() -> Iterator[Callable[[dict[bytes, bytes | None]], Mail]]:
    """A server that answers each verb as told; None is silence until the other side goes away."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answers: dict[bytes, bytes | None]) -> Mail:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        thread = threading.Thread(target=_talk, args=(listener, answers))
        threads.append(thread)
        thread.start()
        return settings_for(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join(timeout=5)
        assert not thread.is_alive()


def _talk(listener: socket.socket, answers: dict[bytes, bytes | None]) -> None:
    peer, _ = listener.accept()
    with peer, peer.makefile("rwb") as stream:
        expect = b"greeting"
        in_message = False
        while True:
            answer = answers.get(expect, b"250 OK")
            if answer is not None:
                stream.write(answer + b"\r\n")
                stream.flush()
            in_message = expect == b"DATA"
            line = stream.readline()
            while in_message and line and line != b".\r\n":
                line = stream.readline()
            if not line:
                return
            expect = b"message" if in_message else line.split()[0].upper()


def settings_for(port: int) -> Mail:
    """The settings of a server without encryption on this machine, with little patience."""
    return Mail(host="127.0.0.1", port=port, security="none", timeout_seconds=0.3)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
