"""Tell the resident that something waits for them on a case: a reference and where to look, nothing else."""

from portal.cases.values import Case
from portal.notices.telling import tell


def tell_resident(case: Case, template: str) -> None:
    """Tell the case's resident once the transaction is committed; nobody, when it is nobody's any more.

    `template` is `<room>/mail/<name>.txt`; it gets the reference and the path alone, since mail is read by others.
    An act changes the case's version, so that telling twice of one act is telling once.
    """
    if case.account_id is not None:
        tell(
            case.account_id,
            topic=case.service,
            template=template,
            key=f"case:{case.id}:{case.version}",
            path=f"/cases/{case.reference}",
            reference=case.reference,
        )
