"""Certificates for servers that encrypt."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificate(folder: Path, name: str) -> Path:
    """Make a certificate for a name, signed by itself, and return the file that holds it and its key."""
    key, own = folder / "key.pem", folder / "own.pem"
    names = ["-subj", "/CN=model", "-addext", f"subjectAltName={name}"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(own)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    both = folder / "server.pem"
    both.write_bytes(key.read_bytes() + own.read_bytes())
    return both
