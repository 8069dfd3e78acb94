"""Our own semgrep rules: each finds the line that it is about, and nothing in what the code may do."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.house.architecture import ROOT
from tests.parts.repository import Repo
from tests.workflows.scanners import scan

RULES = ROOT / ".semgrep" / "notewright.yml"
# rule → where, lines that break it, lines that do not
CASES = {
    "processes-start-in-one-place": (
        "adapters/a.py",
        ["import subprocess\nsubprocess.run(['ls'])", "import subprocess\nsubprocess.Popen(['ls'])", "import os\nos.system('ls')",
         "from subprocess import Popen\nPopen(['ls'])"],
        ["import subprocess\nraise subprocess.TimeoutExpired('git', 1)",
         "from subprocess import Popen\ndef end(one: Popen[bytes]): one.kill()"],
    ),
    "no-shell": ("system/a.py", ["import subprocess\nsubprocess.run('ls', shell=True)"], ["import subprocess\nsubprocess.run(['ls'])"]),
    "yaml-is-read-by-a-safe-loader": (
        "config/a.py",
        ["import yaml\nyaml.load(text)", "import yaml\nyaml.load(text, Loader=yaml.Loader)", "import yaml\nyaml.unsafe_load(text)",
         "import yaml\nloader = yaml.Loader\nyaml.load(text, Loader=loader)"],
        ["import yaml\nyaml.safe_load(text)", "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
         'import yaml\nchosen = getattr(yaml, "CSafeLoader", yaml.SafeLoader)\ntry:\n    yaml.load(text, Loader=chosen)\nfinally: ...'],
    ),
    "the-network-has-three-doors": (
        "flows/a.py",
        ["import requests", "from urllib.request import urlopen", "import socket", "def ask():\n    import httpx"],
        ["from urllib.parse import urlsplit", "from requests.exceptions import Timeout"],
    ),
    "nothing-is-unpickled-or-evaluated": ("llm/a.py", ["import pickle", "eval(text)", "import numpy\nnumpy.load(f, allow_pickle=True)"],
                                          ["import json\njson.loads(text)", "cache.eval(text)"]),
    "archives-are-never-unpacked-whole": ("flows/a.py", ["archive.extractall(folder)", "import shutil\nshutil.unpack_archive(f)"],
                                          ["archive.extract(one)"]),
    "templates-are-sandboxed": (
        "changelog/a.py",
        ["from jinja2 import Environment\nEnvironment()", "import jinja2\njinja2.Template(text)"],
        ["from jinja2.sandbox import ImmutableSandboxedEnvironment\nImmutableSandboxedEnvironment()"],
    ),
    "nothing-is-set-for-later-steps": ("action/a.py", ['open(environment["GITHUB_ENV"])'], ['open(environment["GITHUB_OUTPUT"])']),
    "certificates-are-checked": ("llm/wire/a.py", ["import ssl\ncontext.verify_mode = ssl.CERT_NONE", "client(verify=False)"],
                                 ["import ssl\nssl.create_default_context()"]),
}  # fmt: skip


def test_every_rule_has_lines_here() -> None:
    assert [rule["id"] for rule in yaml.safe_load(RULES.read_text("utf-8"))["rules"]] == list(CASES)


def test_every_rule_finds_what_breaks_it_and_lets_the_rest_be(repo: Repo) -> None:
    wanted = set()
    for rule, (place, broken, fine) in CASES.items():
        folder = repo.path / "src" / "notewright" / Path(place).parent
        folder.mkdir(parents=True, exist_ok=True)
        for kind, texts in (("broken", broken), ("fine", fine)):
            for number, text in enumerate(texts):
                file = folder / f"{rule.replace('-', '_')}_{kind}_{number}.py"
                file.write_text(f"{text}\n", "utf-8")
                if kind == "broken":
                    wanted.add((rule, file.name))
    options = ("--config", RULES, "--metrics", "off", "--disable-version-check", "--quiet", "--json")
    done = scan("semgrep", "scan", *options, "src", cwd=repo.path)
    found = {(one["check_id"].rpartition(".")[2], Path(one["path"]).name) for one in json.loads(done.stdout)["results"]}
    own = {(rule, name) for rule, name in found if name.startswith(rule.replace("-", "_"))}  # one line may break two rules
    assert own == wanted
