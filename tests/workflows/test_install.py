"""The end of the master build on a runner: scripts/install.sh with a small wheel, for real."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.architecture import ROOT

_SCRIPT = ROOT / "scripts" / "install.sh"
_METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: notewright\nVersion: {version}\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "entry_points.txt": "[console_scripts]\nnotewright = notewright:main\n",
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script installs on a Linux runner")


def write_sums(folder: Path) -> None:
    names = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    (folder / "SHA256SUMS").write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in names))


def send(folder: Path, build: str, *, version: str = "1.0", code: str = "") -> Path:
    """Put a build and a model where deploy copies them; return the folder of the build."""
    place, models = folder / "builds" / build, folder / "models"
    place.mkdir(parents=True)
    models.mkdir(exist_ok=True)
    (models / "model.gguf").write_bytes(b"weights")
    (place / "requirements.txt").touch()
    with zipfile.ZipFile(place / f"notewright-{version}-py3-none-any.whl", "w") as wheel:
        inside = {f"notewright-{version}.dist-info/{name}": text.format(version=version) for name, text in _METADATA.items()}
        inside["notewright.py"] = f"{code}\ndef main():\n    print('{version}')\n"
        for name, text in inside.items():
            wheel.writestr(name, text)
        wheel.writestr(f"notewright-{version}.dist-info/RECORD", "".join(f"{name},,\n" for name in inside))
    write_sums(place)
    write_sums(models)
    return place


def install(folder: Path, build: str) -> subprocess.CompletedProcess[str]:
    """Run it as deploy does, from standard input."""
    command = ["bash", "-s", "--", str(folder), build]
    environment = {**os.environ, "PATH": f"{folder}/programs:{os.environ['PATH']}"}
    (folder / "programs").mkdir(exist_ok=True)
    (folder / "programs" / "python3").unlink(missing_ok=True)
    (folder / "programs" / "python3").symlink_to(os.path.realpath(sys.executable))
    return subprocess.run(
        command, input=_SCRIPT.read_text("utf-8"), env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def says(folder: Path) -> str:
    """Return what the command says that users call."""
    return subprocess.run([folder / "bin" / "notewright"], capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_a_build_is_installed_beside_the_last_one_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    send(tmp_path, "b1")
    assert install(tmp_path, "b1").returncode == 0
    assert says(tmp_path) == "1.0"
    marks = {path: path.stat().st_mtime_ns for path in (tmp_path / "builds").rglob("*")}
    assert install(tmp_path, "b1").returncode == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "builds").rglob("*") if path.suffix != ".pyc"}.items() <= marks.items()
    send(tmp_path, "b2", version="2.0")
    assert install(tmp_path, "b2").returncode == 0
    assert says(tmp_path) == "2.0"
    assert (tmp_path / "builds" / "b1" / "python" / "bin" / "notewright").exists(), "the way back"


@pytest.mark.parametrize("changed", ["builds/b2/notewright-2.0-py3-none-any.whl", "models/model.gguf"])
def test_what_was_changed_on_the_way_is_not_installed(tmp_path: Path, changed: str) -> None:
    send(tmp_path, "b1")
    assert install(tmp_path, "b1").returncode == 0
    send(tmp_path, "b2", version="2.0")
    with (tmp_path / changed).open("ab") as file:
        file.write(b"x")
    ran = install(tmp_path, "b2")
    assert ran.returncode != 0
    assert "FAILED" in ran.stdout + ran.stderr
    assert not (tmp_path / "builds" / "b2" / "python").exists()
    assert says(tmp_path) == "1.0"


def test_a_build_that_does_not_start_never_becomes_the_one_that_is_called(tmp_path: Path) -> None:
    send(tmp_path, "b1")
    assert install(tmp_path, "b1").returncode == 0
    send(tmp_path, "b2", version="2.0", code="raise SystemExit(9)")
    assert install(tmp_path, "b2").returncode == 9
    assert says(tmp_path) == "1.0"
