"""Progress of a clone, read from what git says about it."""

from __future__ import annotations

from collections.abc import Callable

from git.util import RemoteProgress

_SHARES = {RemoteProgress.RECEIVING: (0, 80), RemoteProgress.RESOLVING: (80, 20)}  # where a part begins, and how much of the whole it is


class Percent(RemoteProgress):
    """Tells how many per cent of a fetch are done, each number once and rising.

    Of GitPython only this is used. What it starts inherits the whole environment, tokens too, and it knows no way to leave a variable
    out (3.1.46, `Git.execute`: `env = os.environ.copy()`); git is run by `system.git` alone.
    """

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell
        self._percent = 0

    def hear(self, line: str) -> None:
        """Take a line of git's stderr. Those of the server, which may be endless, are left out."""
        if line.startswith(("Receiving objects:", "Resolving deltas:")):
            self._parse_progress_line(line)

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",  # noqa: ARG002  # GitPython passes it on
    ) -> None:
        """Take one of the numbers."""
        begin, share = _SHARES[op_code & self.OP_MASK]
        percent = begin + int(share * float(cur_count) / float(max_count)) if max_count else begin
        if percent > self._percent:
            self._percent = percent
            self._tell(percent)
