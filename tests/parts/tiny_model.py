"""A tiny random llama as GGUF and as Hugging Face's folder, written by us: no weights are downloaded, and every engine can load it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

Matrix = NDArray[np.float32]

_HIDDEN, _FEED_FORWARD, _LAYERS, _HEADS, _KV_HEADS, _VOCABULARY, _CONTEXT = 64, 128, 2, 4, 2, 512, 8192
_SHAPE = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_act": "silu",
    "hidden_size": _HIDDEN,
    "intermediate_size": _FEED_FORWARD,
    "num_hidden_layers": _LAYERS,
    "num_attention_heads": _HEADS,
    "num_key_value_heads": _KV_HEADS,
    "max_position_embeddings": _CONTEXT,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,  # what GGUF means where it says nothing
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}
_FOLDER_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# llama.cpp splits text by this when tokenizer.ggml.pre is "qwen2" (src/llama-vocab.cpp)
_SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_CORPUS = (
    "feat: add fix: the breaking change in release notes for version 1.2.3 and docs",
    '[{"cites": ["1", "2"], "text": "Added"}]{"breaking": true, "none": null}',
    "Added Changed Deprecated Removed Fixed Security\n- the function returns a value\n",
    "def main(args): return None  # what does this function do? question answer",
)


def write_gguf(path: Path, *, seed: int = 0, template: str | None = CHATML, begins: bool = False) -> Path:
    """Write the model to `path` and return it: float32, 2 layers, a byte-level vocabulary, the ChatML template unless another one or none
    is asked for, and with `begins` a token that stands before every prompt.

    The same seed gives the same bytes. What it says is nonsense, but the same nonsense each time at temperature 0.
    """
    tokenizer = _train_tokenizer()
    size = tokenizer.get_vocab_size()
    out = gguf.GGUFWriter(path, "llama")
    _add_shape(out, size)
    _add_tokenizer(out, tokenizer, template, begins=begins)
    for name, weights in _random_weights(np.random.default_rng(seed), size):
        out.add_tensor(f"{name}.weight", weights)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


def write_folder(folder: Path, *, seed: int = 0, template: str | None = CHATML) -> Path:
    """Write the same model as `write_gguf` does, as MLX and vLLM read it: safetensors, tokenizer, configuration and chat template."""
    from safetensors.numpy import save_file  # comes with the engines that read it

    tokenizer = _train_tokenizer()
    size = tokenizer.get_vocab_size()
    folder.mkdir(parents=True, exist_ok=True)
    weights = {_folder_name(name): _halves(name, matrix) for name, matrix in _random_weights(np.random.default_rng(seed), size)}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    roles = {"bos_token": _SPECIAL[0], "eos_token": _SPECIAL[2], "pad_token": _SPECIAL[0]}
    numbers = {f"{role}_id": tokenizer.token_to_id(token) for role, token in roles.items()}
    ends = [numbers["eos_token_id"], numbers["bos_token_id"]]  # llama.cpp ends at <|endoftext|> too, whatever its file says
    (folder / "config.json").write_text(json.dumps(_SHAPE | numbers | {"vocab_size": size, "eos_token_id": ends}))
    words = roles | {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template, "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(words))
    return folder


def _folder_name(name: str) -> str:
    """Return what Hugging Face calls a matrix of GGUF."""
    block, _, part = name.rpartition(".")
    return f"{block.replace('blk', 'model.layers')}{'.' if block else ''}{_FOLDER_NAMES[part]}.weight"


def _halves(name: str, weights: Matrix) -> Matrix:
    """GGUF's llama keeps the two numbers of a rotation side by side, Hugging Face as two halves of each head."""
    heads = {"attn_q": _HEADS, "attn_k": _KV_HEADS}.get(name.rpartition(".")[2])
    if heads is None:
        return weights
    paired = weights.reshape(heads, weights.shape[0] // heads // 2, 2, -1)
    return np.ascontiguousarray(paired.swapaxes(1, 2).reshape(weights.shape))


def _train_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(_SPLIT), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())  # all 256 bytes: no text is unknown
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY, special_tokens=list(_SPECIAL), initial_alphabet=alphabet, min_frequency=1, show_progress=False
    )
    tokenizer.train_from_iterator(_CORPUS, trainer)
    return tokenizer


def _add_shape(out: gguf.GGUFWriter, vocabulary: int) -> None:
    out.add_name("tiny-random-llama")
    out.add_context_length(_CONTEXT)
    out.add_embedding_length(_HIDDEN)
    out.add_block_count(_LAYERS)
    out.add_feed_forward_length(_FEED_FORWARD)
    out.add_head_count(_HEADS)
    out.add_head_count_kv(_KV_HEADS)
    out.add_rope_dimension_count(_HIDDEN // _HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(vocabulary)
    out.add_file_type(gguf.LlamaFileType.ALL_F32)


def _add_tokenizer(out: gguf.GGUFWriter, tokenizer: Tokenizer, template: str | None, *, begins: bool) -> None:
    numbers = tokenizer.get_vocab()
    tokens = sorted(numbers, key=numbers.__getitem__)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("qwen2")
    out.add_token_list(tokens)
    out.add_token_types([gguf.TokenType.CONTROL if token in _SPECIAL else gguf.TokenType.NORMAL for token in tokens])
    out.add_token_merges([" ".join(pair) for pair in merges])
    out.add_bos_token_id(numbers["<|endoftext|>"])
    out.add_eos_token_id(numbers["<|im_end|>"])
    out.add_add_bos_token(value=begins)
    if template is not None:
        out.add_chat_template(template)


def _random_weights(random: np.random.Generator, vocabulary: int) -> Iterator[tuple[str, Matrix]]:
    def matrix(rows: int, columns: int, gain: float = 1.0) -> Matrix:
        return np.asarray(random.standard_normal((rows, columns)) * (gain / columns**0.5), np.float32)

    ones = np.ones(_HIDDEN, np.float32)
    heads = _HIDDEN // _HEADS * _KV_HEADS
    yield "token_embd", matrix(vocabulary, _HIDDEN)
    yield "output_norm", ones
    yield "output", matrix(vocabulary, _HIDDEN, 4.0)  # far apart, so that rounding never decides between two tokens
    for layer in range(_LAYERS):
        block = f"blk.{layer}."
        yield block + "attn_norm", ones
        yield block + "attn_q", matrix(_HIDDEN, _HIDDEN, 2.0)
        yield block + "attn_k", matrix(heads, _HIDDEN, 2.0)
        yield block + "attn_v", matrix(heads, _HIDDEN)
        yield block + "attn_output", matrix(_HIDDEN, _HIDDEN)
        yield block + "ffn_norm", ones
        yield block + "ffn_gate", matrix(_FEED_FORWARD, _HIDDEN)
        yield block + "ffn_up", matrix(_FEED_FORWARD, _HIDDEN)
        yield block + "ffn_down", matrix(_HIDDEN, _FEED_FORWARD)
