"""A real Chromium without a window, driven over two pipes, that notes down whatever its page asks for and complains about."""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
_PATIENCE_S = 60
# How many pixels the page is wider than its window
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Every text that is shown against the first background behind it, by WCAG 2.2's formula; the smallest ratio on the page
CONTRAST = """(() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const behind = node => { for (let at = node; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour; } return [255, 255, 255]; };
  const own = node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
  const written = node => getComputedStyle(node)[node instanceof SVGElement ? "fill" : "color"];
  return Math.min(...[...document.querySelectorAll("main *")].filter(node => own(node) && node.getClientRects().length).map(node => {
    const [dark, bright] = [light(parse(written(node))), light(behind(node))].sort((a, b) => a - b);
    return (bright + .05) / (dark + .05); }));
})()"""


def find_chromium() -> str | None:
    """Return the path of a Chromium: the one that CHROMIUM names, the first on PATH, or the one that .ci/install-tool.sh unpacked."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci"
    unpacked = Path(os.environ.get("NOTEWRIGHT_CI_CACHE") or cache).glob("chromium-*/chromium")
    return next(filter(None, map(shutil.which, (*_NAMES, *map(str, unpacked)))), None)


class Chromium:
    """One page of a running browser. `requests` are the addresses that were asked for, `complaints` what the console and the page's
    policy had to say."""

    def __init__(self, asks: int, answers: int) -> None:
        self._asks, self._answers = asks, answers
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session: str | None = None
        self._loaded = False
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
        self._loaded = False
        self.ask("Page.navigate", url=page.as_uri())
        while not self._loaded:
            self._hear()

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
        while (heard := self._hear()).get("id") != number:
            pass
        assert "error" not in heard, heard["error"]
        return dict(heard["result"])

    def _hear(self) -> dict[str, Any]:
        """Return the next message, an answer or an event."""
        while b"\0" not in self._rest:
            assert select.select([self._answers], [], [], _PATIENCE_S)[0], "Chromium is silent"
            more = os.read(self._answers, 1 << 16)
            assert more, "Chromium ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        heard = dict(json.loads(message))
        self._note(heard.get("method"), heard.get("params", {}))
        return heard

    def _note(self, method: str | None, said: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
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
    # Chromium reads commands from descriptor 3 and writes answers to 4; bash puts the pipes there, where other shells take one digit only
    pipes = f'exec "$0" "$@" 3<&{asks_read} 4>&{answers_write}'
    command = ["bash", "-c", pipes, path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
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
