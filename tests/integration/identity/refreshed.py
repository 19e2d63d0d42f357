"""What the tests of refreshes share."""

from typing import Any


def kept(rows: Any) -> Any:
    """What the session's row says of its refreshes."""
    return rows("select refresh_token, refresh_due_at, refresh_failures, ended_why, id_token from portal.session")[0]
