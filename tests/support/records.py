"""Council records for tests: kinds of record whose council's system is a function, and residents who join them."""

from collections.abc import Mapping

from portal.accounts.values import Account
from portal.db.session import session
from portal.joining.drafts import JoinDraft, keep_join_draft
from portal.joining.kinds import get_kind
from portal.joining.records import join_record

SERVICE = "council_tax"
KIND = "account"


def record_things(account: Account) -> Mapping[str, str]:
    """A joined record, and another one half way to it, for addresses that name them. In a request's context."""
    joined = join_record(account, service=SERVICE, kind=KIND, key="80000001", person_key="person-of-things")
    asks = ("moved_in_on", "direct_debit_ending")
    half = JoinDraft(reference="80000002", name="Sam Tester", postcode="W6 9JU", asks=asks, end="not_matched")
    keep_join_draft(account, get_kind(SERVICE, KIND), half)
    session().commit()
    return {"service": SERVICE, "record_kind": KIND, "record_id": str(joined.id), "fact": "moved_in_on"}
