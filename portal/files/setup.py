"""Give an application its files."""

from collections.abc import Callable

from flask import Flask

from portal.files import operations, views
from portal.files import store as stores
from portal.settings.portal import Settings


def install(app: Flask, settings: Settings, *, whose: Callable[[], views.Owner | None]) -> None:
    """Open the store and mount the view. `whose` tells who is signed in. Raises SetupError."""
    app.extensions[stores.EXTENSION] = stores.open_store(settings.files_url)
    app.extensions[operations.LARGEST] = settings.upload_megabytes
    app.extensions[views.WHOSE] = whose
    app.register_blueprint(views.bp)
