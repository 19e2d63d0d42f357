"""What is put back into a page, and what is kept of nobody."""

import pytest
from werkzeug.datastructures import MultiDict

from portal.web.kept import FIELD, is_secret, worth_keeping


@pytest.mark.parametrize("name", ["password", "new_password", "sort_code", "account_number", "Account_Number"])
def test_passwords_and_the_digits_of_bank_accounts_are_never_kept(name: str) -> None:
    assert is_secret(name)
    assert list(worth_keeping(MultiDict({name: "1", FIELD: "t", "payer_name": "A"}))) == [("payer_name", "A")]


def test_a_reference_is_no_secret() -> None:
    assert not is_secret("account")
    assert not is_secret("reference")
