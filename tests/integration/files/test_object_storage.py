from collections.abc import Iterator

import pytest

from portal import clock
from portal.errors import Unavailable
from portal.files.store import Store, open_store
from tests.support.object_storage import ObjectStorage, object_storage


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStorage]:
    with object_storage() as running:
        for name, value in {
            "AWS_ENDPOINT_URL": running.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-west-2",
        }.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def store(storage: ObjectStorage) -> Store:
    return open_store("s3://bucket/moothall")


def test_content_is_kept_under_the_prefix_found_listed_and_deleted(store: Store, storage: ObjectStorage) -> None:
    key = store.put("raw", b"content")
    assert list(storage.kept) == [f"/bucket/moothall/{key}"]
    assert store.find(key) == b"content"
    assert store.find("raw/2026-01-01/none") is None
    ((listed,),) = store.keys("raw", [clock.now().date()])
    assert listed[0] == key
    store.discard(key)
    store.discard(key)
    assert store.find(key) is None


@pytest.mark.parametrize("status", [403, 409])
def test_storage_that_says_no_is_unavailable(store: Store, storage: ObjectStorage, status: int) -> None:
    storage.fault = status
    with pytest.raises(Unavailable):
        store.put("raw", b"content")
    with pytest.raises(Unavailable):
        store.find("raw/2026-01-01/none")
    assert storage.kept == {}


def test_storage_that_is_away_is_unavailable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        open_store("s3://bucket/moothall").find("raw/2026-01-01/none")
