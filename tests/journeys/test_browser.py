"""Without a browser the journeys fail with a sentence; they are never passed over."""

import pytest

from portal.conformance.chromium import NoBrowser, find_chromium


def test_a_named_browser_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NoBrowser, match="/nowhere/chromium"):
        find_chromium()


def test_without_any_of_the_system_playwrights_own_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOOTHALL_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_chromium() is None
