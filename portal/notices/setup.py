"""What an application needs of this room: the templates of its letters."""

from typing import Final

from flask import Blueprint, Flask

from portal.notices import digest

JOBS: Final = (digest.digest,)
"""Done by the clock. To name it here is what makes it known to the worker."""


def install(app: Flask) -> None:
    """Let this application find our letters. The room has no pages: those are `portal.home.inbox`."""
    app.register_blueprint(Blueprint("notices", __name__, template_folder="templates"))
