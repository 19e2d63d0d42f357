"""Tell who has to do with a case that something happened on it: a reference and a link, and nothing else."""

from typing import Final

from portal.accounts.claim_codes import is_unclaimed
from portal.cases import event_words
from portal.cases.talk_values import Cosigning
from portal.cases.types import find_type, tell_unclaimed
from portal.cases.values import Case
from portal.notices.telling import Later, tell

CASE_PAGE: Final = "/cases/{}"
SIGNING_PAGE: Final = "/signatures/{}"
"""The pages are `portal.home`'s, which stands above this room: the addresses are spelt out, and a test holds them."""

KINDS: Final = {
    "message.txt": "message_sent",
    "document.txt": "document_added",
    "task.txt": "task_set",
    "task_done.txt": "task_done",
    "task_withdrawn.txt": "task_withdrawn",
    "cosigned.txt": "cosigned",
    "cosign_declined.txt": "cosign_declined",
    "cosign_bounced.txt": "cosign_bounced",
}


def tell_resident(case: Case, template: str, *, path: str | None = None, kind: str = "", about: str = "") -> None:
    """Tell the case's resident of what has just been written down on it: once for each version of the case.

    `template` is `<room>/mail/<name>.txt`; it gets the reference alone, since letters are read by others. `path` is
    where it leads, the case's page if it is not said. `kind` is what happened, for the inbox; if it is not said, the
    template's name says it. `about` is the title of the task or document, for the inbox too. A case without a resident
    tells nobody. Of a resident who has not claimed their account nobody but the service knows an address.
    """
    if case.account_id is None:
        return
    kind = kind or KINDS.get(template.rpartition("/")[2], "")
    tell(
        case.account_id,
        topic=case.service,
        template=template,
        key=f"case:{case.id}:{case.version}",
        path=path or CASE_PAGE.format(case.reference),
        headline=headline_of(case, case.status, kind, about),
        reference=case.reference,
    )
    if is_unclaimed(case.account_id):
        tell_unclaimed(case, kind)


def tell_signer(asked: Cosigning, template: str) -> None:
    """Tell the second person, who has taken up an invitation to sign, what became of it: once for each template."""
    if asked.signer_id is None:
        return
    tell(
        asked.signer_id,
        topic=asked.service,
        template=template,
        key=f"cosigning:{asked.id}:{template.rpartition('/')[2]}",
        path=SIGNING_PAGE.format(asked.id),
        reference=asked.reference,
    )


def headline_of(case: Case, status: str, kind: str = "", about: str = "") -> tuple[object, ...]:
    """Which case and what happened; the status, where that is what happened. Nobody but the resident reads it."""
    case_type = find_type(case.service, case.type)
    if case_type is None:
        return ()
    known = case_type.find_status(status)
    return (
        Later(lambda: f"{case_type.title_of(case.summary)} {case.reference}"),
        Later(lambda: event_words.for_resident(kind, by_resident=False, about=about) or (known.title if known else "")),
    )
