"""How long a provider's papers are kept, and how often they are asked for."""

from collections.abc import Iterator

import pytest

from portal.identity.metadata import Kept, ProviderDown, read_metadata

ISSUER = "https://id.example"
WHOLE = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://id.example/a",
    "token_endpoint": "https://id.example/t",
    "jwks_uri": "https://id.example/k",
}


class Peer:
    """Counts how often it is asked; fails while it is down."""

    def __init__(self) -> None:
        self.asked, self.down, self.now = 0, False, 1000.0

    def fetch(self) -> int:
        self.asked += 1
        if self.down:
            raise ProviderDown("unreachable")
        return self.asked


@pytest.fixture
def peer() -> Iterator[Peer]:
    return Peer()


@pytest.fixture
def kept(peer: Peer) -> Kept[int]:
    return Kept("test", peer.fetch, lambda: peer.now)


def test_a_fresh_copy_is_used(peer: Peer, kept: Kept[int]) -> None:
    assert kept.peek() is None
    assert [kept.get(), kept.get()] == [1, 1]
    peer.now += 3601
    assert kept.get() == 2


def test_a_stale_copy_serves_while_the_provider_is_down(peer: Peer, kept: Kept[int]) -> None:
    kept.get()
    peer.now += 3601
    peer.down = True
    assert [kept.get() for _ in range(10)] == [1] * 10
    assert peer.asked == 2
    peer.now += 6
    peer.down = False
    assert kept.get() == 3


def test_a_provider_that_was_never_there_is_asked_again_soon(peer: Peer, kept: Kept[int]) -> None:
    peer.down = True
    for _ in range(5):
        with pytest.raises(ProviderDown):
            kept.get()
    assert peer.asked == 1
    peer.now += 6
    peer.down = False
    assert kept.get() == 2


def test_fetching_again_has_a_cool_down(peer: Peer, kept: Kept[int]) -> None:
    kept.get()
    assert [kept.again() for _ in range(5)] == [2] * 5
    peer.now += 61
    assert kept.again() == 3


@pytest.mark.parametrize("name", list(WHOLE))
@pytest.mark.parametrize("value", [None, 7, "", "ftp://id.example", "http://id.example", "//id.example", "https://"])
def test_metadata_that_is_not_whole_is_refused(name: str, value: object) -> None:
    with pytest.raises(ProviderDown):
        read_metadata(WHOLE | {name: value}, issuer=ISSUER, allow_http=False)


def test_optional_endpoints_may_be_missing_but_not_wrong() -> None:
    assert read_metadata(WHOLE, issuer=ISSUER, allow_http=False).end_session_endpoint is None
    with pytest.raises(ProviderDown):
        read_metadata(WHOLE | {"end_session_endpoint": "javascript:x"}, issuer=ISSUER, allow_http=True)
