"""What an application needs of this room: the templates of its letters."""

from flask import Blueprint, Flask


def install(app: Flask) -> None:
    """Let this application find our letters. The room has no pages: those are `portal.home.profile`."""
    app.register_blueprint(Blueprint("accounts", __name__, template_folder="templates"))
