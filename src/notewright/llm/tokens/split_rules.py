"""How llama.cpp splits text into words before it merges bytes, by the name that a GGUF file gives the rule."""

from __future__ import annotations

from collections.abc import Mapping

_ENDINGS = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
_LLAMA_3 = _ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + _REST
_QWEN_2 = _ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + _REST
_BAILING = r"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
_SEED = _ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"
# llama.cpp tells capital letters from small ones in ASCII alone, where the original rules of both know all of Unicode.
_UPPER, _LOWER = r"(?:(?=\p{L})[^a-z])", r"(?:(?=\p{L})[^A-Z])"
_CASES = rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+%s|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*%s"
_CASED_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_TEKKEN = _CASES % ("", "") + r"|\p{N}" + _CASED_REST
_GPT_4O = _CASES % (_ENDINGS + "?", _ENDINGS + "?") + r"|\p{N}{1,3}" + _CASED_REST
_DEEPSEEK_3 = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_FAMILIES: Mapping[tuple[str, ...], str] = {
    (r"[\p{P}\$\+<=>\^~\|]+", _GPT_2, r"\p{N}+", r"[0-9][0-9][0-9]"): "default",
    (_GPT_2,): "gpt-2 phi-2 gigachat a.x-4.0 mellum mpt olmo jais trillion granite-docling exaone4",
    (r"\p{N}", _GPT_2): "starcoder refact command-r smollm codeshell exaone minerva-7b",
    (_LLAMA_3,): "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 dbrx smaug-bpe glm4 chatglm-bpe",
    (_QWEN_2,): "qwen2 deepseek-r1-qwen kormo megrez stablelm2 hunyuan grok-2",
    (_BAILING,): "bailingmoe bailingmoe2 llada-moe",
    (_SEED,): "seed-coder",
    (_TEKKEN,): "tekken",
    (_GPT_4O,): "gpt-4o llama4 minimax-m2",
    (r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", _DEEPSEEK_3): "deepseek-v3 hunyuan-dense",
    (r"[\p{P}\$\+<=>\^~\|`]+", _GPT_2, r"[0-9][0-9][0-9]"): "falcon",
}
# name → regular expressions, each splitting what those before it have left (llama-vocab.cpp, llm_tokenizer_bpe, b7437). Rules that are not
# regular expressions there (kimi-k2, afmoe), or that no model of today uses, are left out.
SPLIT_RULES: Mapping[str, tuple[str, ...]] = {name: rules for rules, names in _FAMILIES.items() for name in names.split()}
# Those that take a word of the vocabulary as it is, whatever its merges say, and put a token before every prompt unless the file says no.
WHOLE_WORDS = frozenset(("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "tekken"))
