"""What an application needs of this room: the templates of its letters, and its jobs."""

from typing import Final

from flask import Blueprint, Flask

from portal.joining import codes, drafts, letters

JOBS: Final = (codes.sweep_codes, drafts.sweep_drafts, letters.write_letters)
"""Done by the clock. To name them here is what makes them known to the worker."""


def install(app: Flask) -> None:
    """Let this application find our letters. The room has no pages: those are in `portal.home` and `portal.desk`."""
    app.register_blueprint(Blueprint("joining", __name__, template_folder="templates"))
