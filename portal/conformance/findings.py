"""What a check says: what it looked at, and what is wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, and how to mend it. `place` is `file:line` where that is known."""

    what: str
    mend: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that a check looked at, a page or a table or the whole service, and what it found there."""

    where: str
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check came to. `seconds` is how long it took."""

    check: str
    holds: str
    looks: Sequence[Look] = field(default_factory=tuple)
    seconds: float = 0.0
    left_out: str = ""
    """Why it was not run; empty when it was."""

    @property
    def findings(self) -> Sequence[tuple[str, Finding]]:
        """Every finding with where it was made, each sentence once for each place."""
        return list(dict.fromkeys((look.where, each) for look in self.looks for each in look.findings))
