"""Find the services: by folder under `services/`, then by entry point for those packaged apart."""

import importlib
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from sqlalchemy import MetaData

from portal.db.migrate import History
from portal.errors import SetupError
from portal.kit.checks import BadManifest, check_manifest
from portal.kit.manifest import Service
from portal.registry.old_services import explained

GROUP = "moothall.services"
FOLDER = Path(__file__).resolve().parents[2] / "services"


@dataclass(frozen=True, slots=True)
class Mounted:
    """A service and where its files are."""

    service: Service
    package: str
    folder: Path

    @property
    def slug(self) -> str:
        """The service's slug."""
        return self.service.slug

    @property
    def history(self) -> History | None:
        """Its migrations, if it keeps tables."""
        versions = self.folder / "migrations"
        if not versions.is_dir():
            return None
        return History(self.slug, versions, self._metadata())

    def _metadata(self) -> MetaData:
        """Of models.py, or of all files of the folder `models`, whose base is in base.py."""
        models = importlib.import_module(f"{self.package}.models")
        if folder := getattr(models, "__path__", None):
            parts = {name: importlib.import_module(f"{self.package}.models.{name}") for name in _names_in(folder)}
            models = parts.get("base", models)
        metadata = getattr(getattr(models, "Base", None), "metadata", None)
        if not isinstance(metadata, MetaData) or metadata.schema != self.slug:
            raise BadManifest(
                self.package, "models", "must have `class Base(DeclarativeBase): metadata = service_metadata(__name__)`"
            )
        return metadata


def _names_in(folder: Iterable[str]) -> list[str]:
    return sorted(each.name for each in iter_modules(folder))


def discover(folder: Path = FOLDER, package: str = "services") -> Sequence[Mounted]:
    """Every service there is, sorted by slug so that order carries no meaning.

    Raises SetupError when a manifest is bad or two services have one slug.
    """
    found = [*_by_folder(folder, package), *_by_entry_point(entry_points(group=GROUP))]
    by_slug: dict[str, Mounted] = {}
    for each in found:
        other = by_slug.setdefault(each.slug, each)
        if other is not each:
            raise SetupError(
                f"Two services are called `{each.slug}`: {other.package} and {each.package}. Rename or remove one."
            )
    return tuple(by_slug[slug] for slug in sorted(by_slug))


def load(package: str) -> Mounted:
    """The service in one package. Raises BadManifest."""
    return _from_module(_import(f"{package}.service", package), package)


def _import(name: str, package: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            raise BadManifest(package, "service.py", "is missing") from None
        raise
    except (TypeError, ImportError) as error:
        bad = explained(error, name, package)
        if bad is None:
            raise
        raise bad from None


def _by_folder(folder: Path, package: str) -> Iterable[Mounted]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / "service.py").is_file():
            yield load(f"{package}.{path.name}")


def _by_entry_point(points: Iterable[EntryPoint]) -> Iterable[Mounted]:
    for point in points:
        module_name = point.value.partition(":")[0]
        package = module_name.rpartition(".")[0]
        yield _from_module(_import(module_name, package), package)


def _from_module(module: ModuleType, package: str) -> Mounted:
    if not hasattr(module, "SERVICE"):
        raise BadManifest(package, "SERVICE", "is missing from service.py")
    service = check_manifest(module.SERVICE, package)
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise BadManifest(package, "package", "must be a folder with an __init__.py")
    return Mounted(service, package, Path(next(iter(spec.submodule_search_locations))))
