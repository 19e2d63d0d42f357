"""All that the service knows of a resident."""

from collections.abc import Mapping
from typing import Any

from portal.kit import Account
from services.permits.queries.businesses import businesses_about, invitations_made
from services.permits.queries.permit_records import permits_about
from services.permits.queries.proofs import all_proofs_of
from services.permits.queries.visit_records import visits_about


def everything_about(account: Account) -> Mapping[str, Any]:  # plain JSON, whatever the parts are
    """For the resident's data file."""
    return {
        "permits": permits_about(account),
        "visitor_parking": visits_about(account),
        "businesses": businesses_about(account),
        "codes_made_for_colleagues": invitations_made(account),
        "documents_as_proof": all_proofs_of(account),
    }
