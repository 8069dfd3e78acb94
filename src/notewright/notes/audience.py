"""An audience: what its notes must be, and how a model is asked for them."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.notes.policy import AudiencePolicy
from notewright.prompting.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Audience:
    """The policy and the prompt of one folder `prompts/notes/<audience>`. `readers` says to the model who they are."""

    readers: str
    policy: AudiencePolicy
    prompt: Prompt

    @property
    def name(self) -> str:
        """The audience's name."""
        return self.policy.audience
