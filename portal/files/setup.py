"""Give an application its files."""

import uuid
from collections.abc import Callable

from flask import Flask

from portal.files import operations, scanner, views
from portal.files import store as stores
from portal.settings.portal import Settings


def install(
    app: Flask, settings: Settings, *, whose: Callable[[], views.Owner | None], actor: Callable[[uuid.UUID], str]
) -> None:
    """Open the store and mount the view. `whose` tells who is signed in, `actor` who does something with the files of
    an account: they themselves, or staff in their place. Raises SetupError.
    """
    app.extensions[stores.EXTENSION] = stores.open_store(settings.files_url)
    app.extensions[operations.LARGEST] = settings.upload_megabytes
    app.extensions[scanner.EXTENSION] = settings.files_scanner
    app.extensions[operations.ACTOR] = actor
    app.extensions[views.WHOSE] = whose
    app.register_blueprint(views.bp)
