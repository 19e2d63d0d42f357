"""A portal with the stand-in for GOV.UK Notify at its side."""

from collections.abc import Iterator

import pytest

from tests.support.notify import Post, forget_all, post_running

LETTERS = {"test/mail/hello.txt": "Hello\n\nText {{ name }}.\n", "test/sms/hello.txt": "Hello {{ name }}"}


@pytest.fixture(scope="session")
def _post(database_url: str) -> Iterator[Post]:
    with post_running(database_url, LETTERS) as post:
        yield post


@pytest.fixture
def post(_post: Post, clean_database: str) -> Iterator[Post]:
    """Both over HTTP and empty."""
    forget_all(_post)
    yield _post
    forget_all(_post)
