"""The doctor finds what is broken, and only that."""

from __future__ import annotations

import sys
import tempfile
from importlib import metadata
from pathlib import Path

import av
import pytest
from click.testing import CliRunner

from lstmviz.cli import diagnostics as doctor
from lstmviz.cli import main
from lstmviz.system.package import install, install_extra


def found(what: str) -> doctor.Finding:
    (finding,) = [each for each in doctor.examine() if each.what == what]
    return finding


def test_here_everything_is_in_order() -> None:
    findings = list(doctor.examine())
    assert [each for each in findings if not each.good] == []
    told = {each.what for each in findings}
    assert {"Python", "manim", "numpy", "fonts", ".mp4 (libx264)", "temporary files"} <= told
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    assert all(line.startswith("ok  ") for line in result.stdout.splitlines())


def test_a_missing_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    known = av.Codec

    def codec(name: str, mode: str) -> av.Codec:
        if name == "libx264":
            raise ValueError(name)
        return known(name, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(av, "Codec", codec)
    finding = found(".mp4 (libx264)")
    assert not finding.good
    assert "pip install" in finding.mend
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "FAIL  .mp4 (libx264): no encoder" in result.stdout
    assert f"mend it: {finding.mend}" in result.stdout


def test_a_folder_that_cannot_be_written_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    finding = found("temporary files")
    assert not finding.good
    assert "cannot be written to (no such file or directory)" in finding.found
    assert "TMPDIR" in finding.mend


def test_an_old_library(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = metadata.version
    monkeypatch.setattr(metadata, "version", lambda n: "14.0.1" if n == "av" else truth(n))
    finding = found("av")
    assert not finding.good
    assert finding.found == "14.0.1, but >=16.1 is needed"
    assert finding.mend == install("av>=16.1")


def test_a_missing_extra_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    assert "--    slides for PowerPoint (python-pptx)" in result.stdout
    assert install_extra("slides") in result.stdout
    assert "--    batches on a Dask cluster (distributed)" in result.stdout
    assert install_extra("cluster") in result.stdout


def test_a_missing_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FONTS", (*doctor.FONTS, "Lost.ttf"))
    finding = found("fonts")
    assert not finding.good
    assert "Lost.ttf" in finding.found


@pytest.mark.parametrize(
    ("version", "wanted", "good"),
    [
        ("0.22.0", "~=0.22.0", True),
        ("0.22.5", "~=0.22.0", True),
        ("0.22.1.dev3+local", "~=0.22.0", True),
        ("0.23.0", "~=0.22.0", False),
        ("2.10", ">=2.9", True),
        ("1.26.4", ">=2", False),
        ("8.1.8", ">=8.1", True),
        ("3.0", "<3", False),
        ("2.9.9", "<3,>=2", True),
        ("2.9.9", "!=2.9.*", False),
        ("1.0", "; python_version < '3'", True),
    ],
)
def test_versions_are_those_that_are_asked_for(
    version: str, wanted: str, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = metadata.version
    monkeypatch.setattr(metadata, "requires", lambda _: ["av" + wanted, "none>=1; extra == 'dev'"])
    monkeypatch.setattr(metadata, "version", lambda n: version if n == "av" else truth(n))
    findings = [each for each in doctor.examine() if each.what in ("av", "none")]
    assert [each.good for each in findings] == ([] if "python" in wanted else [good])


def test_a_doctor_without_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    assert not found("packaging").good
    assert found("packaging").mend == install("packaging")
