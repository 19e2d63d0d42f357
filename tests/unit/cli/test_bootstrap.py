"""The first step of a fresh clone, run by whatever Python the machine has."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.cli import bootstrap
from portal.cli.ports import read_port
from portal.errors import SetupError


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with locks and nothing else."""
    (tmp_path / "tests").mkdir()
    for path in ("requirements.lock", "tests/requirements.lock", "pyproject.toml"):
        (tmp_path / path).write_text(path)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "moothall.json")
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / ".venv" / "install.log")
    locks = {"demo": tmp_path / "requirements.lock", "test": tmp_path / "tests" / "requirements.lock"}
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    script = tmp_path / ".venv" / "bin" / "moothall"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return tmp_path


def _ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, habit: ran.append(command))
    return ran


def _stamp(kind: str) -> None:
    bootstrap.STAMP.write_text(json.dumps({"place": bootstrap.place(), kind: bootstrap.fingerprint(kind)}))


def test_nothing_is_installed_when_the_stamp_is_current(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stamp("demo")
    ran = _ran(monkeypatch)
    bootstrap.with_lock("demo", "demo")
    assert ran == []


def test_a_changed_lock_is_installed_over_what_is_there(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stamp("demo")
    (clone / "requirements.lock").write_text("changed")
    ran = _ran(monkeypatch)
    bootstrap.with_lock("demo", "demo")
    assert [command[3] for command in ran] == ["pip", "pip"]
    assert "--require-hashes" in ran[0]
    assert bootstrap.read_stamp()["demo"] == bootstrap.fingerprint("demo")


@pytest.mark.parametrize("stamp", ["", "{}", "not json", '{"place": "/elsewhere/.venv 3.11.1"}'])
def test_an_environment_of_unknown_making_is_made_anew(
    clone: Path, monkeypatch: pytest.MonkeyPatch, stamp: str
) -> None:
    bootstrap.STAMP.write_text(stamp)
    ran = _ran(monkeypatch)
    bootstrap.with_lock("demo", "demo")
    assert ran[0][2:5] == ["-m", "venv", "--clear"]


def test_a_killed_installation_leaves_no_stamp(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stamp("demo")
    (clone / "pyproject.toml").write_text("changed")

    def killed(command: list[str], habit: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", killed)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.with_lock("demo", "demo")
    assert bootstrap.read_stamp() == {}


def test_the_test_lock_serves_the_demo_too(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = _ran(monkeypatch)
    bootstrap.with_lock("test", "test")
    ran.clear()
    bootstrap.with_lock("demo", "demo")
    assert ran == []


def test_a_python_without_venv_is_told_what_to_install(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ran(monkeypatch)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bootstrap.CannotInstall, match="apt-get install python3-venv"):
        bootstrap.with_lock("demo", "demo")


def test_an_unreachable_registry_is_one_sentence(clone: Path) -> None:
    noise = (
        "print('WARNING: Retrying (Retry(total=0))\\nERROR: No versions\\nERROR: No matching distribution for a==1');"
    )
    with pytest.raises(bootstrap.CannotInstall) as refused:
        bootstrap.run([sys.executable, "-c", noise + "raise SystemExit(1)"], "demo")
    sentence = str(refused.value)
    assert sentence.startswith("The package registry could not be reached: No matching distribution for a==1.")
    assert "\n" not in sentence
    assert "Retrying" in bootstrap.LOG.read_text()


def test_an_old_python_can_read_the_file_as_far_as_the_sentence() -> None:
    source = Path(bootstrap.__file__).read_text()
    ast.parse(source, feature_version=(3, 7))
    assert source.index("version_info") < source.index("import fcntl")


def test_make_without_python_says_so(tmp_path: Path) -> None:
    for name in ("make", "sh"):
        found = next(Path(folder) / name for folder in ("/usr/bin", "/bin") if (Path(folder) / name).exists())
        (tmp_path / name).symlink_to(found)
    (tmp_path / "Makefile").write_text((Path(__file__).parents[3] / "Makefile").read_text())
    done = subprocess.run(
        [str(tmp_path / "make"), "demo"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Python is missing. Install Python 3.11 or newer, then run `make demo` again.\n")


@pytest.mark.parametrize("written", ["http", "0", "65536", "-1", "80.5", "٨٠٠٠", "99999999999999"])
def test_a_port_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(SetupError, match="PORT must be a number from 1 to 65535"):
        read_port(written)


def test_an_empty_port_is_the_usual_one() -> None:
    assert read_port("") == read_port(" ") == 8000


def test_the_ci_script_only_calls_make_test() -> None:
    script = Path(__file__).parents[3] / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"
