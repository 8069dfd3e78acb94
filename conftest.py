"""How hypothesis looks for counterexamples."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a busy machine is no bug. CI tries the same examples in every run, so that a red run is about the change;
# people's machines try new ones and remember what failed (.hypothesis/).
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")
