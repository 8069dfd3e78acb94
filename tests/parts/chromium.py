"""A real Chromium without a window, driven over two pipes, that notes down whatever its page asks for and complains about."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
_PATIENCE_S = 60


def find_chromium() -> str | None:
    """Return the path of a Chromium: the one that CHROMIUM names, else the first on the PATH."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """One page of a running browser. `requests` are the addresses that were asked for, `complaints` what the console and the page's
    policy had to say."""

    def __init__(self, asks: int, answers: int) -> None:
        self._asks, self._answers = asks, answers
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def open(self, page: Path, *, width: int = 1280, height: int = 1600, dark: bool = False, scripts: bool = True) -> None:
        """Load a page from a file, in a window of this size."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.requests.clear()
        self.complaints.clear()
        self.ask("Page.navigate", url=page.as_uri())
        deadline = time.monotonic() + _PATIENCE_S
        while self.evaluate("document.readyState") != "complete" or self.evaluate("location.href") != page.as_uri():
            assert time.monotonic() < deadline, "the page did not load"

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401  # any JSON value
        """Return what a JavaScript expression is, as a JSON value. It runs even where the page's own scripts may not."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, such as "Tab" or "ArrowDown", as a keyboard does."""
        code = {"Tab": 9, "Enter": 13, "ArrowDown": 40}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, nativeVirtualKeyCode=code)

    def draw(self, target: Path, *, whole: bool = True) -> None:
        """Save a picture of the page."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        target.write_bytes(base64.b64decode(answer["data"]))

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": self._session} if self._session else {})}
        os.write(self._asks, json.dumps(message).encode() + b"\0")
        for heard in self._heard():
            if heard.get("id") == number:
                assert "error" not in heard, heard["error"]
                return dict(heard["result"])
        raise AssertionError("Chromium ended")

    def _heard(self) -> Iterator[dict[str, Any]]:
        while True:
            message, end, rest = self._rest.partition(b"\0")
            if end:
                self._rest = rest
                heard = json.loads(message)
                self._note(heard.get("method"), heard.get("params", {}))
                yield heard
                continue
            more = os.read(self._answers, 1 << 16)
            if not more:
                return
            self._rest += more

    def _note(self, method: str | None, said: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Runtime.exceptionThrown" or (method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning")):
            self.complaints.append(json.dumps(said))
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["entry"]["text"])


@contextmanager
def run_chromium(path: str, profile: Path) -> Iterator[Chromium]:
    """Run a browser with a new profile, and end it afterwards."""
    asks_read, asks = os.pipe()
    answers, answers_write = os.pipe()
    # Chromium reads commands from descriptor 3 and writes answers to 4; the shell puts the pipes there
    command = ["sh", "-c", f'exec "$0" "$@" 3<&{asks_read} 4>&{answers_write}', path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(
        command, pass_fds=(asks_read, answers_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        os.close(asks_read)
        os.close(answers_write)
        try:
            yield Chromium(asks, answers)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_S)
            os.close(asks)
            os.close(answers)
