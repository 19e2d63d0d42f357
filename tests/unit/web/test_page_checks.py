"""The checks that every fetched page goes through can fail: each is shown a page with its fault."""

import pytest

from portal.conformance.pages import Page, faults

GOOD = """<!DOCTYPE html><html lang="en"><head><title>Your bill – Council</title></head>
<body><main id="m"><h1>Your bill</h1>
<form method="post" novalidate><input type="hidden" name="csrf_token" value="x">
<label for="n">Name</label><input id="n" name="n" aria-describedby="h"><p id="h">Hint</p><button>Save</button></form>
<a href="#n">Go</a><img src="x" alt=""></main></body></html>"""


def test_a_good_page_has_no_faults() -> None:
    assert faults(Page(GOOD)) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('lang="en"', 'lang="de"', "its language"),
        ("<h1>Your bill</h1>", "", "0 h1"),
        ("<h1>Your bill</h1>", "<h1>Your bill</h1><h1>More</h1>", "2 h1"),
        ("<title>Your bill", "<title>Bill", "does not start with"),
        ('<p id="h">', '<p id="n">', "used 2 times"),
        ('for="n"', 'for="q"', "which is not there"),
        ('aria-describedby="h"', 'aria-describedby="q"', "which is not there"),
        ('<label for="n">Name</label>', "", "has no label"),
        ('href="#n"', 'href="#q"', "leads nowhere"),
        ('href="#n"', 'href="javascript:x()"', "a link to"),
        (">Go<", "><", "has no text"),
        (' alt=""', "", "has no alt"),
        ("<p id", '<p style="color:red" id', "style of its own"),
        ("<p id", '<p onclick="x()" id', "handler onclick"),
        ("<h1>", "<script>x()</script><h1>", "script"),
        ('<input type="hidden" name="csrf_token" value="x">', "", "no token"),
        (' method="post"', "", "sent in the address"),
        (" novalidate", "", "in its own words"),
        (">Hint<", ">None<", "'None' is shown"),
        ("</form>", "</form></form>", "HTML:"),
        ("<p id", "<fieldset></fieldset><p id", "without a legend"),
        ("<main", "<div", "main part"),
    ],
)
def test_each_fault_is_found(before: str, after: str, fault: str) -> None:
    assert before in GOOD
    assert any(fault in one for one in faults(Page(GOOD.replace(before, after, 1)))), faults(
        Page(GOOD.replace(before, after, 1))
    )
