"""Tell the resident that something waits for them on a case: a reference and a link, and nothing else."""

from typing import Final

from portal.cases.values import Case
from portal.notices.telling import tell

CASE_PAGE: Final = "/cases/{}"
"""The page is `portal.home`'s, which stands above this room: the address is spelt out, and a test holds it."""


def tell_resident(case: Case, template: str, *, path: str | None = None) -> None:
    """Tell the case's resident of what has just been written down on it: once for each version of the case.

    `template` is `<room>/mail/<name>.txt`; it gets the reference alone, since letters are read by others. `path` is
    where it leads, the case's page if it is not said. A case without a resident tells nobody.
    """
    if case.account_id is None:
        return
    tell(
        case.account_id,
        topic=case.service,
        template=template,
        key=f"case:{case.id}:{case.version}",
        path=path or CASE_PAGE.format(case.reference),
        reference=case.reference,
    )
