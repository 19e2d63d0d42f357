"""The manifest: whole, of today's contract, and with what the kit needs to judge the rest."""

from collections.abc import Iterable, Iterator

from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.kit.checks import check_manifest
from portal.kit.versions import CONTRACT
from portal.registry.old_services import warnings_of

LONGEST_SUMMARY = 120


def judge(house: House) -> Iterable[Look]:
    """One look, at service.py."""
    service = house.mounted.service
    check_manifest(service, house.mounted.package)
    yield Look("service.py", tuple(_findings(house)))


def _findings(house: House) -> Iterator[Finding]:
    service, place = house.mounted.service, f"{house.slug}/service.py"
    if service.contract != CONTRACT:
        yield Finding(
            f"`contract` is {service.contract} and this portal keeps {CONTRACT}",
            f'Read portal/kit/versions.py for what changed since, then write contract="{CONTRACT}".',
            place,
        )
    for sentence in warnings_of(house.mounted.package, house.mounted.folder):
        yield Finding(sentence, "Use what it names instead, before the next major version.", place)
    if len(str(service.summary)) > LONGEST_SUMMARY:
        yield Finding(
            f"`summary` has {len(str(service.summary))} characters and stands on home as one line",
            f"Say it in {LONGEST_SUMMARY} at most.",
            place,
        )
    if service.demo is None:
        yield Finding("`demo` is missing, so nothing can be looked at", "Write demo.py and name its `load`.", place)
    if service.sample is None:
        yield Finding(
            "`sample` is missing, so pages are not judged with large data",
            "Add sample=Sample(answers={…}, fill=…): what to type, and how to make many records for one account.",
            place,
        )


CHECK = Check(
    name="manifest",
    holds="The manifest is whole and of today's contract.",
    mend="services/README.md says what each field is.",
    judge=judge,
)
