"""The stand-in's templates, and how Notify fills one in. Pure."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.notify.standin.faults import bad_request
from portal.settings.letters import Notify

PLACE: Final = re.compile(r"\(\(([^()]+)\)\)")
LARGEST_EMAIL: Final = 2_000_000
LONGEST_TEXT: Final = 918


@dataclass(frozen=True, slots=True)
class Template:
    """A template of version 1. A text has no subject."""

    id: uuid.UUID
    kind: str
    name: str
    subject: str | None
    body: str

    def places(self) -> list[str]:
        """The names to fill in, each once."""
        return list(dict.fromkeys(PLACE.findall(f"{self.subject or ''} {self.body}")))

    def filled(self, values: Mapping[str, Any]) -> tuple[str | None, str]:
        """Subject and body. Raises Fault when a value is missing, or the whole is too long."""
        known = {_plain(name): value for name, value in values.items()}
        missing = [name for name in self.places() if known.get(_plain(name)) is None]
        if missing:
            raise bad_request(f"Missing personalisation: {', '.join(missing)}")

        def fill(text: str) -> str:
            return PLACE.sub(lambda found: _said(known[_plain(found[1])]), text)

        subject, body = fill(self.subject) if self.subject is not None else None, fill(self.body)
        size = len(body.encode("utf-8", "replace"))
        if self.kind == "email" and size > LARGEST_EMAIL:
            raise bad_request(f"Emails cannot be longer than {LARGEST_EMAIL} bytes. Your message is {size} bytes.")
        if self.kind == "sms" and len(body) > LONGEST_TEXT:
            limit = f"Text messages cannot be longer than {LONGEST_TEXT} characters."
            raise bad_request(f"{limit} Your message is {len(body)} characters.")
        return subject, body


def templates(notify: Notify) -> Iterator[Template]:
    """What a council makes at Notify, as the README of this room says."""
    if notify.email_template_id:
        yield Template(notify.email_template_id, "email", "Portal e-mail", "((subject))", "((message))")
    if notify.sms_template_id:
        yield Template(notify.sms_template_id, "sms", "Portal text", None, "((message))")
    if notify.letter_template_id:
        yield Template(notify.letter_template_id, "letter", "Portal letter", "((subject))", "((message))")


def _plain(name: str) -> str:
    """Notify looks at neither case nor spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]", "", name).lower()


def _said(value: Any) -> str:  # a JSON value: what the caller sent
    return "\n".join(f"* {each}" for each in value) if isinstance(value, list) else str(value)
