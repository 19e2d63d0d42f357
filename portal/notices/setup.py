"""What an application needs of this room: the templates of its letters."""

from flask import Blueprint, Flask


def install(app: Flask) -> None:
    """Let this application find our letters. The room has no pages: those are `portal.home.inbox`."""
    app.register_blueprint(Blueprint("notices", __name__, template_folder="templates"))
