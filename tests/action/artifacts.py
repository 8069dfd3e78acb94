"""Artifacts of a workflow in act: its server, and an action that speaks to it as actions/upload-artifact does to GitHub's."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

from tests.action.act import Act

# https://github.com/actions/toolkit/tree/main/packages/artifact: create, put the zip as one block, finish. The token says which run it is.
_UPLOAD = """
import base64, io, json, os, sys, urllib.request, zipfile
from pathlib import Path

name, wanted = os.environ["NAME"], Path(os.environ["WANTED"])
files = sorted(path for path in wanted.rglob("*") if path.is_file()) if wanted.is_dir() else [wanted]
if not files and os.environ["MISSING"] == "error":
    sys.exit(f"there is nothing at {wanted}")
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    for path in files:
        archive.write(path, path.relative_to(wanted if wanted.is_dir() else wanted.parent))
token = os.environ["ACTIONS_RUNTIME_TOKEN"]
middle = token.split(".")[1]
scopes = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["scp"].split()
_, run, job = next(scope for scope in scopes if scope.startswith("Actions.Results:")).split(":")


def send(address, content, kind, method="POST"):
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, data=content, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read()


def call(name_of_call, **values):
    service = os.environ["ACTIONS_RESULTS_URL"].rstrip("/") + "/twirp/github.actions.results.api.v1.ArtifactService/"
    content = json.dumps({"workflow_run_backend_id": run, "workflow_job_run_backend_id": job, **values}).encode()
    return json.loads(send(service + name_of_call, content, "application/json"))


place = call("CreateArtifact", name=name, version=4)
address = place.get("signedUploadUrl") or place["signed_upload_url"]
send(address + "&comp=block&blockid=MDAwMA==", packed.getvalue(), "application/octet-stream", "PUT")
blocks = b"<BlockList><Latest>MDAwMA==</Latest></BlockList>"
send(address + "&comp=blocklist", blocks, "application/xml", "PUT")
done = call("FinalizeArtifact", name=name, size=str(len(packed.getvalue())))
print("uploaded", name, done)
"""


class ActWithArtifacts(Act):
    """Runs workflows with a server for their artifacts, which lie in `kept` as zip files."""

    kept: Path

    def _command(self, event: str, workflow: Path) -> list[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = ["--artifact-server-path", str(self.kept), "--artifact-server-addr", "127.0.0.1", "--artifact-server-port", str(port)]
        # the canary would take the place of the token that this server knows
        return [*(word for word in super()._command(event, workflow) if "ACTIONS_RUNTIME_TOKEN" not in word), *server]

    def find(self, name: str) -> Path:
        """Return the zip file of an artifact."""
        (found,) = self.kept.rglob(f"{name}.zip")
        return found


def write_upload(folder: Path) -> Path:
    """Write an action that uploads as actions/upload-artifact does; return its folder."""
    folder.mkdir()
    (folder / "upload.py").write_text(_UPLOAD, "utf-8")
    values = {"NAME": "name", "WANTED": "path", "MISSING": "if-no-files-found"}
    step: dict[str, Any] = {
        "shell": "bash",
        "run": f'"{sys.executable}" -I "$GITHUB_ACTION_PATH/upload.py"',
        "env": {variable: f"${{{{ inputs.{name} }}}}" for variable, name in values.items()},
    }
    inputs = {name: {"default": ""} for name in ("name", "path", "if-no-files-found", "retention-days")}
    action = {"name": "upload", "inputs": inputs, "runs": {"using": "composite", "steps": [step]}}
    (folder / "action.yml").write_text(json.dumps(action), "utf-8")
    return folder
