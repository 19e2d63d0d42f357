"""Begin a report, and throw it away."""

from uuid import UUID

from portal.kit import Account, Draft, discard_draft, open_drafts, start_draft
from services.reporting.operations.photos import delete_photo
from services.reporting.queries import own
from services.reporting.rules.written import photos_in
from services.reporting.workflow import JOURNEY, SERVICE


def begin_report(account: Account) -> Draft:
    """A draft to answer in: an empty one that is there already, or a new one. Raises Refused when they are too many."""
    unsent = open_drafts(account.id, service=SERVICE)
    empty = next((draft for draft in unsent if not draft.answers), None)
    return empty or start_draft(account, service=SERVICE, journey=JOURNEY)


def discard_report(account: Account, *, draft_id: UUID) -> None:
    """Throw away an unsent draft and its photos. Raises NotFound, Conflict when it was sent."""
    photos = photos_in(own.get_own_draft(account, draft_id).answers)
    discard_draft(account, draft_id)
    for photo_id in photos:
        delete_photo(account.id, photo_id)
