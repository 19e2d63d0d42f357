"""Who no longer lives where their permit is for, as far as the council's records know."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from portal.kit import AddressProof, session
from services.permits.operations import still_there as looking
from services.permits.operations.still_there import still_there
from services.permits.rules.permits import Permit
from services.permits.tests.asking import HOMES, asks, has_permit, lives_at, now
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident, resident
from tests.support.worker import work


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """Proven by a council record on 1 March 2027."""
    at.move_to("2027-03-01T09:00")
    found = has_permit(holder.account, gate, asks())
    work()
    return found


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the council's records say from now on; how often they were asked."""
    asked: list[str] = []

    def say(proofs: Sequence[AddressProof]) -> list[str]:
        def answer(account: Any) -> Sequence[AddressProof]:
            asked.append(account.display_name)
            return proofs

        monkeypatch.setattr(looking, "address_proofs", answer)
        return asked

    return say


def night(at: Any, days: int = 31) -> list[str]:
    """So many days later, at night; the jobs that were done."""
    at.advance(days=days)
    still_there()
    session().commit()
    return work()


def told(app: Flask) -> int:
    """How often they were told that they may have moved."""
    return resident(app, "Holder").get("/inbox").count("still for where you live")


def test_who_still_lives_there_is_proven_anew(permit: Permit, says: Any, at: Any) -> None:
    asked = says(lives_at())
    assert night(at, days=29) == []
    night(at, days=1)
    assert asked == ["Holder"]
    assert now(permit).answers["proven_on"] == "2027-03-31"
    assert "permits.look" not in night(at, days=5)


@pytest.mark.parametrize(("home", "is_told"), [(HOMES[3], True), (None, False)], ids=["elsewhere", "no record"])
def test_who_lives_elsewhere_is_told_once_and_keeps_the_permit(
    parking: Flask, permit: Permit, says: Any, at: Any, home: Any, is_told: bool
) -> None:
    says(lives_at(home) if home else [])
    night(at)
    assert now(permit).status == "active"
    assert told(parking) == int(is_told)
    night(at)
    assert told(parking) == int(is_told)
