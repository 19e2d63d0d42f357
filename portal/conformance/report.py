"""What the checks found, for people at a terminal."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from portal.conformance.findings import Finding, Outcome
from portal.conformance.judging import many

WIDTH = 110


def lines(slug: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The report, line by line: one line for each check that holds, more where one does not, the count at the end."""
    width = max((len(each.check) for each in outcomes), default=0)
    for each in outcomes:
        yield f"{_mark(each)}  {each.check.ljust(width)}  {each.left_out or each.holds}"
        for where, finding in each.findings:
            yield from _finding(where, finding)
    yield ""
    yield _count(slug, outcomes)


def _mark(outcome: Outcome) -> str:
    if outcome.left_out:
        return "-   "
    return "bad " if outcome.findings else "good"


def _finding(where: str, finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"{where}: {finding.what}", " " * 6)
    place = f"{finding.place}  " if finding.place else ""
    yield from _wrapped(f"→ {place}{finding.mend}", " " * 8)


def _wrapped(text: str, margin: str) -> Sequence[str]:
    """Within the width; addresses and file names stay whole."""
    return wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )


def _count(slug: str, outcomes: Sequence[Outcome]) -> str:
    run = [each for each in outcomes if not each.left_out]
    looks, found = sum(len(each.looks) for each in run), many(outcomes)
    wrong = "nothing is wrong" if not found else "1 finding" if found == 1 else f"{found} findings"
    return f"{slug}: {wrong}, in {len(run)} checks of {looks} things."
