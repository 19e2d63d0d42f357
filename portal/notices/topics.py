"""What residents can be told about: a topic for each service, and the portal's own."""

from collections.abc import Mapping
from typing import Final

from flask import Flask, current_app

from portal.web.languages import lazy_gettext as _

EXTENSION: Final = "moothall.topics"
REMINDERS: Final = "reminders"
PAYMENTS: Final = "payments"
OWN: Final[Mapping[str, object]] = {
    PAYMENTS: _("Payments and refunds"),
    REMINDERS: _("Reminders of dates and deadlines"),
}


def add(app: Flask, slug: str, title: object) -> None:
    """Let residents choose how they hear from this service. `title` is text, or becomes it when it is shown."""
    app.extensions.setdefault(EXTENSION, {})[slug] = title


def topics() -> Mapping[str, str]:
    """Every topic by its slug, with its title in the language of the page, the portal's own last."""
    declared: Mapping[str, object] = current_app.extensions.get(EXTENSION, {})
    return {slug: str(title) for slug, title in {**declared, **OWN}.items()}


def title_of(topic: str) -> str:
    """The topic's title; its slug where the service that had it is gone."""
    return topics().get(topic, topic)
