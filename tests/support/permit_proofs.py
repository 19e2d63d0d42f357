"""A document that was added to an application for a permit which is not sent yet."""

import io
from collections.abc import Mapping

from portal.accounts.values import Account
from portal.cases.drafts import start_draft
from portal.db.session import session
from services.permits.operations.proofs import add_proof
from tests.support.pdfs import pdf


def proof_things(account: Account) -> Mapping[str, str]:
    """The application and the document."""
    draft = start_draft(account, service="permits", journey="permit")
    session().commit()
    proof_id = add_proof(account, draft_id=draft.id, purpose="address", kind="bank", stream=io.BytesIO(pdf()))
    session().commit()
    return {
        "permits.documents.draft_id": str(draft.id),
        "permits.documents.purpose": "address",
        "proof_id": str(proof_id),
    }
