"""That nobody has a permit beside the cap, whatever code did it: the database sees to it at commit."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from portal.kit import session
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.permits import PermitSlot
from services.permits.tests.asking import asks, has_permit
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


def test_an_active_permit_keeps_its_places(holder: Resident, gate: PlayedGateway) -> None:
    permit = has_permit(holder.account, gate, asks())
    assert permit.caps
    for leaves in (delete(PermitSlot), update(PermitSlot).values(scope="elsewhere")):
        session().execute(
            leaves.where(PermitSlot.chain_id == permit.chain_id, PermitSlot.scope == permit.caps[0].scope)
        )
        with pytest.raises(IntegrityError, match="without a place"):
            session().commit()
        session().rollback()


def test_none_becomes_active_without_them(holder: Resident, gate: PlayedGateway) -> None:
    permit = has_permit(holder.account, gate, asks())
    row = session().get_one(PermitRow, permit.id)
    row.caps = [*row.caps, {"scope": "zone:K:resident", "most": 1, "about": "zone"}]
    with pytest.raises(IntegrityError, match="without a place"):
        session().commit()
    session().rollback()
