"""Where the content of files lies: a folder, or object storage, behind one interface."""

import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import obstore
from flask import current_app
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from portal import clock
from portal.errors import SetupError, Unavailable
from portal.web.languages import gettext as _

EXTENSION: Final = "moothall.files.store"


class Store:
    """Content by key. Keys are made here, hold a day and cannot be guessed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, prefix: str, data: bytes) -> str:
        """Keep the content under a new key, which is returned. Raises Unavailable when it cannot be kept."""
        key = f"{prefix}/{clock.now().date().isoformat()}/{secrets.token_urlsafe(24)}"
        try:
            obstore.put(self._store, key, data, mode="create")
        except (BaseError, OSError) as error:
            raise Unavailable(_("We cannot take files at the moment. Try again later.")) from error
        return key

    def find(self, key: str) -> bytes | None:
        """The content, or None when there is none. Raises Unavailable."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise Unavailable(_("We cannot show this file at the moment. Try again later.")) from error

    def discard(self, key: str) -> None:
        """Delete the content; it need not be there."""
        try:
            obstore.delete(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return

    def keys(self, prefix: str, days: Iterable[date]) -> Iterator[list[tuple[str, datetime]]]:
        """The keys of those days and when each was written, in lists of at most 1,000."""
        for day in days:
            for page in obstore.list(self._store, prefix=f"{prefix}/{day.isoformat()}", chunk_size=1000):
                yield [(meta["path"], meta["last_modified"]) for meta in page]


def open_store(url: str) -> Store:
    """The store at that folder or address. Raises SetupError when it cannot be one."""
    try:
        if "://" in url:
            # Naming options hides the store's own variable for plain HTTP, which storage on an inner network may need.
            plain = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1")
            options = {
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=15),
                "allow_http": plain,
            }
            retries = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
            return Store(from_url(url, client_options=options, retry_config=retries))  # type: ignore[call-overload]  # the address decides which
        folder = Path(url)
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
        return Store(LocalStore(folder))
    except (BaseError, OSError, ValueError) as error:
        raise SetupError(
            f"MOOTHALL_FILES_URL: {url.partition('://')[0] if '://' in url else url} cannot hold files"
            f" ({type(error).__name__}). Name a folder that can be written, or an address such as s3://bucket/prefix."
        ) from None


def store() -> Store:
    """This application's store."""
    installed: Store = current_app.extensions[EXTENSION]
    return installed
