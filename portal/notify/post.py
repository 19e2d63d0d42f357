"""What an application needs to write to people: the settings, and templates for plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, current_app
from jinja2 import Environment

from portal.settings import Settings
from portal.web.languages import using

EXTENSION = "moothall.notify"


@dataclass(frozen=True)
class Post:
    """One application's post room."""

    app: Flask
    settings: Settings

    @cached_property
    def texts(self) -> Environment:
        """The application's templates without HTML escaping: a name with an apostrophe stays one.

        Made at the first letter, when every room and service has added its folder.
        """
        return self.app.jinja_env.overlay(autoescape=False)


def install(app: Flask, settings: Settings) -> None:
    """Let this application write to people. The portal and the provider both call it."""
    app.extensions[EXTENSION] = Post(app, settings)


def post_room() -> Post:
    """The post room of the current application."""
    room: Post = current_app.extensions[EXTENSION]
    return room


def settings() -> Settings:
    """The settings of the current application."""
    return post_room().settings


def council_name(language: str) -> str:
    """Who writes."""
    council = settings().council
    return council.name_cy if language == "cy" else council.name


def rendered(template: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of a letter in that language."""
    with using(language):
        text = (
            post_room()
            .texts.get_template(template)
            .render(
                council_name=council_name(language),
                council_telephone=settings().council.telephone,
                **values,
            )
        )
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"
