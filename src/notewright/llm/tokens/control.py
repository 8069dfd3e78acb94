"""Control tokens written in a text, made ordinary text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from notewright.prompting.request import Messages

Text = TypeVar("Text", str, Messages)
Control = Iterable[str] | re.Pattern[str]

_WORDS = "|".join(
    "s bos eos pad unk mask sop eop start_of_turn end_of_turn start_of_image end_of_image".split()
    + "think thinking tool tools tool_call tool_calls tool_response fim_prefix fim_middle fim_suffix".split()
)
_BRACKETED = "|".join(
    "INST SYSTEM_PROMPT AVAILABLE_TOOLS TOOL_CALLS TOOL_RESULTS TOOL_CONTENT ARGS CALL_ID THINK IMG IMG_BREAK IMG_END gMASK".split()
)

# For models whose tokens nobody tells: every pattern's first character is what a break is put behind.
LIKELY_CONTROL: re.Pattern[str] = re.compile(
    "|".join(
        (
            r"<(?=\|[^\s<>|]{1,80}\|?>)",  # ChatML, Llama 3, Phi, GLM, harmony, Command R: <|im_end|>; Gemma 4: <|turn>
            r"<(?=/?[a-z_]{1,80}\|>)",  # Gemma 4: <turn|>
            "<(?=\uff5c[^\\s<>\uff5c]{1,80}\uff5c>)",  # DeepSeek: fullwidth bars
            rf"<(?=/?(?:{_WORDS})>)",  # Llama 2, Gemma, Mistral: <s>; thinking and tools of Qwen
            r"<(?=</?SYS>>)",  # Llama 2
            rf"\[(?=/?(?:{_BRACKETED})\])",  # Mistral, and Llama 2's [INST]
            r"\[(?=\|(?:system|user|assistant|tool|endofturn)\|\])",  # EXAONE: [|user|]
        )
    )
)


def neutralise(text: Text, control_tokens: Control) -> Text:
    """Return a text, or messages, in which no control token is left: each is broken up by a blank behind its first character.

    `<|im_end|>` becomes `< |im_end|>`: a person and a model still read what was meant, and a tokenizer that looks for control
    tokens finds none. `control_tokens` are a model's own, or a pattern such as `LIKELY_CONTROL`. A token of one character stays.
    Doing it twice changes nothing.
    """
    pattern, mark = (control_tokens, " ") if isinstance(control_tokens, re.Pattern) else _compile(tuple(dict.fromkeys(control_tokens)))
    if isinstance(text, str):
        return pattern.sub(rf"\g<0>{mark}", text)
    return tuple(replace(message, content=pattern.sub(rf"\g<0>{mark}", message.content)) for message in text)


@lru_cache(maxsize=8)
def _compile(tokens: tuple[str, ...]) -> tuple[re.Pattern[str], str]:
    """Return a pattern that takes the first character of every token, overlapping ones too, and a mark that no token holds: so a token
    that stands in the result would have stood in the text without a mark, which the pattern has put there."""
    breakable = [token for token in tokens if len(token) > 1]
    used = set().union(*breakable)
    mark = next(mark for mark in itertools.chain(" ·", map(chr, range(0xA1, 0xD800))) if mark not in used)
    rest_by_first: dict[str, list[str]] = {}
    for token in breakable:
        rest_by_first.setdefault(token[0], []).append(re.escape(token[1:]))
    choices = "|".join(f"{re.escape(first)}(?={'|'.join(rests)})" for first, rests in rest_by_first.items())
    return re.compile(choices or r"(?!)"), mark
