"""Tokenizers built from GGUF metadata, compared with llama.cpp's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from notewright.llm.tokens.gguf_tokenizer import GgufTokenizer, build_tokenizer
from notewright.llm.tokens.split_rules import SPLIT_RULES

if TYPE_CHECKING:
    from llama_cpp import Llama

Metadata = Mapping[str, object]

_SPECIAL = ("<unk>", "<s>", "</s>", "<|im_end|>", "    ")
_KINDS = (gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED)
_TEXTS = (
    "feat(api)!: add passkey login (#412)\n\n- it's done, we'LL see; they've 12345 users\r\n\r\n\tEND  \n",
    "naïve ÉCOLE Straße Ünïcode ǅungla ﬁne e\u0301te\u0301 \u00aa\u00b2\u00bd x² ½ Ⅻ",
    "日本語のテキスト、カタカナとひらがな。中文混排 12 個。한국어 문장 ไทย हिन्दी العربية",
    "def f(x): return {'a': [1, 22, 333, 4444]}  # what? <b>&amp;</b> $x+=~`y`^|z| https://a.b/c?d=e&f=1#g",
    "\u00a0no-break\u2003em\u3000wide\u200bzero\u2028line\u0085next\x0bvt\x0c",
    "🎉🎉 👩‍💻 🇩🇪 — … “quotes” ‘it’s’ «x» £€¥ ©®™ \x00\x01\x7f\ufffd",
    "    four blanks and      six\n\n\n\nlines \n \n  end ",
    "'S 'T 'RE don't DON'T camelCase HTTPServer snake_case SHOUTING iPhone ÉcoleNormale",
    "<|im_end|><s>x</s> <unk> <|im_end |> < s>",
    "a",
    " ",
    "\n",
)
_WORDS = st.lists(
    st.sampled_from([word for text in _TEXTS for word in text.split(" ")] + list(" \n\t\r.'\u00a0é日١")) | st.text(max_size=3), max_size=12
)


def _train(*, blank: str) -> Tokenizer:
    """Train merges that go across words, so that a text split wrongly becomes other tokens."""
    tokenizer = Tokenizer(models.BPE())
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = bytes_only if blank == "Ġ" else pre_tokenizers.Metaspace(split=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet()) if blank == "Ġ" else []
    trainer = trainers.BpeTrainer(vocab_size=1500, initial_alphabet=alphabet, min_frequency=1, show_progress=False)
    tokenizer.train_from_iterator([line for text in _TEXTS * 2 for line in (text, text[1::2], text[:40])], trainer)
    return tokenizer


def _merged(pre: str) -> Metadata:
    """Make the metadata of a vocabulary of merged bytes."""
    trained = json.loads(_train(blank="Ġ").to_str())["model"]
    tokens = sorted(trained["vocab"], key=trained["vocab"].__getitem__)
    kinds = [*_KINDS, *(gguf.TokenType.NORMAL for _ in tokens)]
    merges = [" ".join(pair) for pair in trained["merges"]]
    return _vocabulary([*_SPECIAL, *tokens], kinds, model="gpt2", pre=pre, merges=merges)


def _pieces(**more: object) -> Metadata:
    """Make the metadata of a SentencePiece vocabulary: bytes, then pieces, the earlier the better."""
    trained = _train(blank="▁").get_vocab()
    # llama.cpp ends a piece at NUL
    tokens = sorted((token for token in trained if token not in _SPECIAL and "\0" not in token), key=trained.__getitem__)
    spelled = [f"<0x{byte:02X}>" for byte in range(256)]
    kinds = [*_KINDS, *(gguf.TokenType.BYTE for _ in spelled), *(gguf.TokenType.NORMAL for _ in tokens)]
    scores = [*(0.0 for _ in [*_SPECIAL, *spelled]), *(-float(rank) for rank, _ in enumerate(tokens))]
    return _vocabulary([*_SPECIAL, *spelled, *tokens], kinds, model="llama", scores=scores, **more)


def _vocabulary(tokens: list[str], kinds: list[gguf.TokenType], **more: object) -> Metadata:
    said = {"tokens": tokens, "token_type": list(map(int, kinds)), "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0, **more}
    return {f"tokenizer.ggml.{name}": value for name, value in said.items()}


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Metadata], Llama]:
    """Let llama.cpp read a vocabulary."""
    llama_cpp = pytest.importorskip(
        "llama_cpp", reason="llama-cpp-python is not installed: .ci/install-engine.sh llama-cpp-python builds it"
    )

    def read(metadata: Metadata) -> Llama:
        path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.gguf"
        out = gguf.GGUFWriter(path, "llama")
        for name, value in metadata.items():
            _add(out, name, value)
        out.write_header_to_file()
        out.write_kv_data_to_file()
        out.close()
        loaded: Llama = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
        return loaded

    return read


def _add(out: gguf.GGUFWriter, name: str, value: object) -> None:
    match value:
        case bool():
            out.add_bool(name, value)
        case int():
            out.add_uint32(name, value)
        case str():
            out.add_string(name, value)
        case list():
            out.add_array(name, value)


def _assert_same(ours: GgufTokenizer | None, theirs: Llama, text: str) -> None:
    assert ours
    assert ours.count(text) == len(theirs.tokenize(text.encode("utf-8", "replace"), add_bos=True, special=True)), repr(text)


_FAMILIES = {rules: name for name, rules in SPLIT_RULES.items()}
_VOCABULARIES = [pytest.param(lambda name=name: _merged(name), id=name) for name in sorted(_FAMILIES.values())] + [
    pytest.param(_pieces, id="sentencepiece"),
    pytest.param(lambda: _pieces(add_space_prefix=False, add_bos_token=False), id="sentencepiece-of-gemma"),
    pytest.param(lambda: {**_merged("llama-bpe"), "tokenizer.ggml.add_bos_token": False, "tokenizer.ggml.add_eos_token": True}, id="ends"),
    pytest.param(lambda: {**_merged("gpt-2"), "tokenizer.ggml.add_bos_token": True}, id="begins"),
]


@pytest.mark.parametrize("make", _VOCABULARIES)
def test_a_prompt_has_as_many_tokens_as_llama_cpp_reads(load: Callable[[Metadata], Llama], make: Callable[[], Metadata]) -> None:
    metadata = make()
    ours, theirs = build_tokenizer(metadata), load(metadata)

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(_WORDS)
    def check(words: list[str]) -> None:
        _assert_same(ours, theirs, " ".join(words))

    for text in _TEXTS:
        _assert_same(ours, theirs, text)
    check()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"pre": "kimi-k2"}, id="a-rule-that-is-no-regular-expression"),
        pytest.param({"pre": "of-next-year"}, id="an-unknown-rule"),
        pytest.param({"model": "t5"}, id="another-kind-of-vocabulary"),
        pytest.param({"model": "llama"}, id="pieces-without-scores"),
        pytest.param({"merges": None}, id="merges-left-out"),
        pytest.param({"tokens": None}, id="tokens-left-out"),
        pytest.param({"tokens": [1, 2]}, id="tokens-that-are-no-text"),
        pytest.param({"token_type": [1]}, id="kinds-of-another-vocabulary"),
    ],
)
def test_what_cannot_be_followed_exactly_is_not_guessed(changes: Metadata) -> None:
    changed = {f"tokenizer.ggml.{name}": value for name, value in changes.items()}
    assert build_tokenizer({**_merged("qwen2"), **changed}) is None


def test_control_tokens_are_told_from_ordinary_text_that_is_a_token() -> None:
    tokenizer = build_tokenizer(_merged("qwen2"))
    assert tokenizer
    assert tokenizer.control == ("</s>", "<s>", "<unk>", "<|im_end|>"), "four blanks are text"
