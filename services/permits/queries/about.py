"""All that the service knows of a resident."""

from collections.abc import Mapping
from typing import Any

from portal.kit import Account


def everything_about(account: Account) -> Mapping[str, Any]:  # plain JSON, whatever the parts are
    """For the resident's data file."""
    del account
    return {}
