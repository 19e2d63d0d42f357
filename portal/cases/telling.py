"""Tell the resident that something waits for them on a case: a reference and a link, and nothing else."""

from typing import Final

from portal.cases import event_words
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.notices.telling import tell

CASE_PAGE: Final = "/cases/{}"
"""The page is `portal.home`'s, which stands above this room: the address is spelt out, and a test holds it."""

KINDS: Final = {
    "message.txt": "message_sent",
    "document.txt": "document_added",
    "task.txt": "task_set",
    "cosigned.txt": "cosigned",
    "cosign_declined.txt": "cosign_declined",
}


def tell_resident(case: Case, template: str, *, path: str | None = None, kind: str = "") -> None:
    """Tell the case's resident of what has just been written down on it: once for each version of the case.

    `template` is `<room>/mail/<name>.txt`; it gets the reference alone, since letters are read by others. `path` is
    where it leads, the case's page if it is not said. `kind` is what happened, for the inbox; if it is not said, the
    template's name says it. A case without a resident tells nobody.
    """
    if case.account_id is None:
        return
    tell(
        case.account_id,
        topic=case.service,
        template=template,
        key=f"case:{case.id}:{case.version}",
        path=path or CASE_PAGE.format(case.reference),
        headline=_headline(case, kind or KINDS.get(template.rpartition("/")[2], "")),
        reference=case.reference,
    )


def _headline(case: Case, kind: str) -> tuple[object, ...]:
    """What kind of case it is and what happened; the status it has now, where that is what happened."""
    case_type = find_type(case.service, case.type)
    if case_type is None:
        return ()
    status = case_type.find_status(case.status)
    return case_type.title, event_words.by_us(kind) or (status.title if status else "")
