"""What an application needs to write to people: templates for plain text, and the settings."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from jinja2 import Environment

from portal.settings.portal import Settings
from portal.web.languages import using
from portal.web.state import web_state

KEY = "moothall.notify.texts"


def texts() -> Environment:
    """The current application's templates without HTML escaping: a name with an apostrophe stays one.

    Made at the first letter, when every room and service has added its folder.
    """
    known = current_app.extensions.get(KEY)
    if known is None:
        known = current_app.extensions[KEY] = current_app.jinja_env.overlay(autoescape=False, bytecode_cache=None)
    made: Environment = known
    return made


def settings() -> Settings:
    """The settings of the current application."""
    return web_state().settings


def council_name(language: str) -> str:
    """Who writes."""
    return settings().council.called(language)


def rendered(template: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of a letter in that language."""
    subject, _, body = text_of(template, language, values).partition("\n")
    return subject.strip(), body.strip() + "\n"


def text_of(template: str, language: str, values: Mapping[str, Any]) -> str:
    """What a template says in that language."""
    with using(language):
        return (
            texts()
            .get_template(template)
            .render(
                council_name=council_name(language),
                council_telephone=settings().council.telephone,
                portal_url=settings().public_url,
                **values,
            )
            .strip()
        )
