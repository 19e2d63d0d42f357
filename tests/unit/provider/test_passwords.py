"""What passwords are accepted."""

import pytest

from portal.provider import passwords


def objection(password: str) -> str | None:
    return passwords.objection(
        password, email="sam.jones@example.org", council="Marlowe Borough Council", name="Jo Ann Price"
    )


@pytest.mark.parametrize(
    "password",
    [
        "three random words",
        "   leading and trailing   ",
        "pâté en croûte",
        "コンニチハ世界のみなさん",
        "x7!kQ2#vB9",
        "a" * 3 + "bcdefghi zz",
        "correct horse battery staple",
        *("marlowe borough heron", "samphire jones"),
        "z" * 2 + "0123 meadow" * 10,
    ],
)
def test_a_good_password_is_accepted_whatever_it_is_made_of(password: str) -> None:
    assert objection(password) is None


@pytest.mark.parametrize(
    "password",
    [
        *("", "short", "ninechars", "x" * 129),
        *("aaaaaaaaaaaa", "1234567890", "qwertyuiop", "abcdefghij", "9876543210", "1111111112"),
        *("password123", "Password2026!", "LIVERPOOLFC1", "manchesterunited", "iloveyou2026", "sunshine!!!"),
        *("sam.jones@example.org", "Sam.Jones2026", "marlowe borough council", "chocolatechocolate"),
        *(
            "marlowe borough",
            "MarloweCouncil2026",
            "council-sam-jones",
            "samjonessamjones",
            "Borough.Marlowe!",
            "joannprice1",
        ),
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    sentence = objection(password)
    assert sentence
    assert password not in sentence or not password


def test_the_hash_has_the_agreed_figures_and_its_own_salt() -> None:
    first, second = passwords.hash_password("three random words"), passwords.hash_password("three random words")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.is_right(first, "three random words")
    assert not passwords.is_right(first, "three random word")
    assert not passwords.is_right(None, "three random words")
    assert not passwords.is_right("no hash at all", "three random words")
    assert not passwords.is_dated(first)


def test_composed_and_decomposed_accents_are_one_password() -> None:
    stored = passwords.hash_password("caf\u00e9 au lait")
    assert passwords.is_right(stored, "cafe\u0301 au lait")
