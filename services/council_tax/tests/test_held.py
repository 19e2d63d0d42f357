"""What decides where money and letters go is held back while the account's owner doubts a sign-in."""

from flask import Flask

from portal.kit import sensitive

MARK = "sensitive"
WHERE_MONEY_GOES = ("direct_debit", "refund", "moving")
"""Parts of the names of pages: which bank pays, which is paid, and where letters go."""


def changes(app: Flask) -> set[str]:
    """The pages of council tax that take a form."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("council_tax.") and "POST" in (rule.methods or ())
    }


def test_every_page_that_changes_where_money_or_letters_go_is_held_and_no_other(app: Flask) -> None:
    mark = getattr(sensitive(lambda: None), MARK)
    held = {name for name in changes(app) if getattr(app.view_functions[name], MARK, None) is mark}
    wanted = {name for name in changes(app) if any(part in name for part in WHERE_MONEY_GOES)}
    assert len(wanted) > 10
    assert held == wanted
