"""What six prompts over one context cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]


def test_a_question_and_five_answers_evaluate_their_context_once() -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    command = [sys.executable, "-m", "bench.prefix", "--check"]
    told = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "| llama_server |" in told.stdout
    assert "| llama_cpp |" in told.stdout or "llama_cpp is not installed" in told.stderr
