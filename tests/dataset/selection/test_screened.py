"""Nothing leaves with a secret in it, and with addresses of people only where that is wished (security case 45)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from notewright.dataset.drops import Drop
from notewright.dataset.screened import Screened, screen
from notewright.dataset.selection import Selected, SelectionRules, Selector

_TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3
_TEXT = 'def connect():\n    """Connect; ask joe@gmail.com."""\n    return open_socket("93.184.216.34")\n'


def test_addresses_are_replaced_line_for_line_and_counted() -> None:
    screened = screen(_TEXT, personal="redact")
    assert isinstance(screened, Screened)
    assert screened == Screened(_TEXT.replace("joe@gmail.com", "redacted@example.com").replace("93.184.216.34", "192.0.2.1"), 2)
    assert screen(screened.text, personal="redact") == Screened(screened.text)


def test_a_text_with_addresses_is_dropped_or_kept_where_that_is_wished() -> None:
    assert screen(_TEXT, personal="drop") == Drop("personal", "email")
    assert screen(_TEXT, personal="keep") == Screened(_TEXT)


@pytest.mark.parametrize("personal", ["redact", "drop", "keep"])
def test_a_secret_is_dropped_whatever_is_wished_and_the_reason_does_not_tell_it(personal: str) -> None:
    assert personal in {"redact", "drop", "keep"}
    dropped = screen(f'token = "{_TOKEN}"  # joe@gmail.com\n', personal=personal)  # type: ignore[arg-type]
    assert dropped == Drop("secret", "github-token")
    assert _TOKEN[4:12] not in repr(dropped)


@pytest.mark.case(45)
def test_secrets_emails_and_gpl_files_planted_in_a_repository_reach_nobody() -> None:
    rules = SelectionRules((".py", ".env", ".pem"), licenses=("MIT",))
    selector = Selector(rules, {}, "MIT")
    planted = {
        b".env": b"PASSWORD=hunter2\n",
        b"keys/server.pem": b"-----BEGIN PRIVATE KEY-----\n",
        b"gpl.py": b"# Licensed under the GPLv2 or later\nx = 1\n",
        b"token.py": f'TOKEN = "{_TOKEN}"\n'.encode(),
        b"people.py": b'"""By joe@gmail.com, at 93.184.216.34."""\n',
        b"good.py": b"def good() -> int:\n    return 1\n",
    }
    left = {}
    for path, content in planted.items():
        if selector.by_path(path, "100644", len(content)) or not isinstance(selected := selector.by_content(path, content), Selected):
            continue
        if isinstance(screened := screen(selected.text.decode(), personal=rules.personal, language=selected.language), Screened):
            left[path] = screened.text
    assert left == {b"good.py": "def good() -> int:\n    return 1\n", b"people.py": '"""By redacted@example.com, at 192.0.2.1."""\n'}


def test_an_lfs_pointer_is_never_taken_for_its_content() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n"
    assert Selector(SelectionRules((".py",)), {}, "MIT").by_content(b"big.py", pointer) == Drop("lfs_pointer")


def test_screening_asks_no_service_whether_a_token_works() -> None:
    """detect-secrets can verify what it finds; with every socket closed, nothing changes."""
    program = (
        "import socket\n"
        "def closed(*_, **__): raise AssertionError('a connection')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = closed\n"
        "from notewright.dataset.screened import screen\n"
        f"print(screen('x = \"{_TOKEN}\"; k = \"AKIA{'A1B2C3D4' * 2}\"', personal='redact').detail)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "github-token\n"
