"""How the next token is chosen in this process: the likeliest, or one drawn with a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# llama.cpp's own default: a token less than this as likely as the likeliest is never drawn.
_LEAST_SHARE = 0.05


class Sampler:
    """Chooses the tokens of one reply: the likeliest at temperature 0, and always the same ones for the same seed."""

    def __init__(self, temperature: float, seed: int) -> None:
        import numpy as np

        self._temperature = temperature
        self._random = np.random.default_rng(seed)

    def choose(self, logits: NDArray[np.float32]) -> int:
        """Return a token that is not minus infinity; the first of several that are as likely."""
        import numpy as np

        best = int(np.argmax(logits))
        if not self._temperature:
            return best
        shares = np.exp(logits - logits[best])
        likely = np.flatnonzero(shares >= _LEAST_SHARE)
        weights = shares[likely] ** (1 / self._temperature)
        return int(self._random.choice(likely, p=weights / weights.sum()))
