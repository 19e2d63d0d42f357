"""The demo's outbox: e-mails and texts that have arrived at the stand-in for GOV.UK Notify.

Open to all, because some come before sign-in.
"""

import re
import uuid

from flask import Blueprint

from portal.errors import NotFound
from portal.notify import outbox as arrived
from portal.notify.standin.place import PATH, is_mounted
from portal.web.access import public
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("outbox", __name__, url_prefix="/demo/outbox", template_folder="templates")
ADDRESS = re.compile(r"(https?://[^\s<>\"']+)")


@bp.get("")
@public
def outbox() -> str:
    """The newest letters."""
    _only_in_the_demo()
    panel = f"{PATH}/" if is_mounted(web_state().settings) else None
    return render("home/outbox.html", messages=arrived.newest_messages(50), panel=panel)


@bp.get("/<uuid:message_id>")
@public
def message(message_id: uuid.UUID) -> str:
    """One letter; links to ourselves can be followed."""
    _only_in_the_demo()
    found = arrived.get_message(message_id)
    settings = web_state().settings
    ours = (settings.public_url, settings.issuer)
    paragraphs = [[linked(line, ours) for line in paragraph.splitlines()] for paragraph in found.body.split("\n\n")]
    return render("home/outbox_message.html", message=found, paragraphs=paragraphs)


def linked(line: str, ours: tuple[str, ...]) -> list[tuple[str, bool]]:
    """A line in parts, each with whether it is a link to one of our own addresses."""
    bases = tuple(f"{base.rstrip('/')}/" for base in ours)
    return [(part, part.startswith(bases)) for part in ADDRESS.split(line) if part]


def _only_in_the_demo() -> None:
    if not web_state().settings.demo:
        raise NotFound
