"""Write a small GGUF model with random weights: the same arguments give the same bytes.

usage: make_model.py --family llama|qwen2|qwen3 --out FILE.gguf [options]

  --seed 0           of the weights
  --layers 3 --hidden 256 --heads 4 --kv-heads 2 --head-dim HIDDEN/HEADS --ffn 512 --vocab 512 --context 2048
  --types LIST       tensor types, as in "*=Q8_0,attn_q=Q4_0,blk.1.ffn_*=Q4_K": a pattern is held against the tensor's
                     name ("blk.1.ffn_up") and against its role ("ffn_up"); the last that fits wins; without any: Q8_0.
                     One of F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q4_K Q5_K Q6_K. Norms and biases are always F32.
  --rope-base 10000  base of the rotary embedding
  --epsilon 1e-5     of the RMS norms (a large one, as 0.01, shows whether a reader honours it)
  --rope-scaling     none, linear:FACTOR, or llama3 (factor 8, low 1, high 4, trained context = context / 8)
  --tied, --untied   whether the token embedding is the output head too (untied unless told)

The weights are scaled so that activations keep their size from layer to layer, attention is not uniform, and logits
have a standard deviation of about 3. Names and metadata are those that llama.cpp writes; "llama" rotates adjacent
pairs, "qwen2" and "qwen3" rotate halves. Needs numpy and gguf.
"""

from __future__ import annotations

import argparse
import fnmatch
import math
import sys
from dataclasses import dataclass

import numpy as np
from gguf import GGMLQuantizationType as TensorType
from gguf import GGUFWriter

from random_tensors import BLOCK_SIZES, generator, random_matrix
from tiny_vocabulary import vocabulary

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
LOGIT_DEVIATION = 3.0
# Scores with a standard deviation of this squared, before the softmax: some keys then matter much more than others.
QUERY_KEY_GAIN = 1.5


@dataclass
class Shape:
    """The sizes of a model, in the words of its metadata."""
    family: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    context: int
    epsilon: float
    rope_base: float
    rope_scaling: str
    tied: bool

    def check(self) -> None:
        for name in ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "context"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, and {getattr(self, name)} was given")
        if self.heads % self.kv_heads != 0:
            raise ValueError(f"heads is a multiple of kv-heads, and {self.heads} and {self.kv_heads} were given")
        if self.head_dim % 2 != 0:
            raise ValueError(f"head-dim is even, and {self.head_dim} was given")


class TypeChooser:
    """The tensor type of each matrix by a list of patterns; it notices patterns that fit nothing."""

    def __init__(self, text: str):
        self.rules = []
        for part in filter(None, text.split(",")):
            pattern, _, kind = part.partition("=")
            if kind not in BLOCK_SIZES:
                raise ValueError(f"tensor type is one of {' '.join(BLOCK_SIZES)}, and {part!r} was given")
            self.rules.append((pattern, kind))
        self.unused = {pattern: None for pattern, _ in self.rules}

    def choose(self, name: str) -> str:
        chosen, role = "Q8_0", name.rpartition(".")[2]
        for pattern, kind in self.rules:
            if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(role, pattern):
                chosen = kind
                self.unused.pop(pattern, None)
        return chosen


def matrices(shape: Shape) -> list[tuple[str, int, int, float]]:
    """Every matrix as (name without ".weight", rows, columns, standard deviation)."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    fan_hidden = 1 / math.sqrt(shape.hidden)
    result = [("token_embd", shape.vocab, shape.hidden, LOGIT_DEVIATION * fan_hidden)]
    for layer in range(shape.layers):
        result += [(f"blk.{layer}.{role}", rows, columns, deviation) for role, rows, columns, deviation in [
            ("attn_q", queries, shape.hidden, QUERY_KEY_GAIN * fan_hidden),
            ("attn_k", keys, shape.hidden, QUERY_KEY_GAIN * fan_hidden),
            ("attn_v", keys, shape.hidden, fan_hidden),
            ("attn_output", shape.hidden, queries, 1 / math.sqrt(queries)),
            ("ffn_gate", shape.ffn, shape.hidden, fan_hidden),
            ("ffn_up", shape.ffn, shape.hidden, fan_hidden),
            ("ffn_down", shape.hidden, shape.ffn, 1 / math.sqrt(shape.ffn))]]
    if not shape.tied:
        result.append(("output", shape.vocab, shape.hidden, LOGIT_DEVIATION * fan_hidden))
    return result


def vectors(shape: Shape, seed: int) -> list[tuple[str, np.ndarray]]:
    """Every F32 vector as (full name, values): norms, biases, rotary factors."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim

    def norm(name: str, size: int, gain: float = 1.0) -> tuple[str, np.ndarray]:
        return name, (gain * generator(seed, name).uniform(0.6, 1.4, size)).astype(np.float32)

    def bias(name: str, size: int) -> tuple[str, np.ndarray]:
        return name, (0.3 * generator(seed, name).standard_normal(size)).astype(np.float32)

    result = [norm("output_norm.weight", shape.hidden)]
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        result += [norm(block + "attn_norm.weight", shape.hidden), norm(block + "ffn_norm.weight", shape.hidden)]
        if shape.family == "qwen2":
            result += [bias(block + "attn_q.bias", queries), bias(block + "attn_k.bias", keys),
                       bias(block + "attn_v.bias", keys)]
        if shape.family == "qwen3":
            result += [norm(block + "attn_q_norm.weight", shape.head_dim, QUERY_KEY_GAIN),
                       norm(block + "attn_k_norm.weight", shape.head_dim, QUERY_KEY_GAIN)]
    if shape.rope_scaling == "llama3":
        result.append(("rope_freqs.weight", llama3_factors(shape)))
    return result


def llama3_factors(shape: Shape, factor: float = 8, low: float = 1, high: float = 4) -> np.ndarray:
    """What each rotary frequency is divided by: 1 for short waves, `factor` for long ones, between them a ramp."""
    trained_context = shape.context / factor
    frequencies = shape.rope_base ** (-np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim)
    wavelengths = 2 * np.pi / frequencies
    smooth = np.clip((trained_context / wavelengths - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def write_metadata(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_type("model")
    writer.add_name(f"Random {shape.family}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    if shape.head_dim * shape.heads != shape.hidden or shape.family == "qwen3":
        writer.add_key_length(shape.head_dim)
        writer.add_value_length(shape.head_dim)
    if shape.family == "llama":
        writer.add_vocab_size(shape.vocab)
        writer.add_rope_dimension_count(shape.head_dim)
    if shape.rope_scaling.startswith("linear:"):
        writer.add_string(f"{shape.family}.rope.scaling.type", "linear")
        writer.add_rope_scaling_factor(float(shape.rope_scaling.partition(":")[2]))
    writer.add_quantization_version(2)


def write_tokenizer(writer: GGUFWriter, shape: Shape) -> None:
    is_llama = shape.family == "llama"
    texts, types, merges = vocabulary(shape.vocab, special_first=is_llama)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm" if is_llama else "qwen2")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    # gguf-py cannot write an empty array; without merges the field is left out.
    if merges:
        writer.add_token_merges(merges)
    writer.add_bos_token_id(texts.index("<|im_start|>" if is_llama else "<|endoftext|>"))
    writer.add_eos_token_id(texts.index("<|im_end|>"))
    writer.add_pad_token_id(texts.index("<|im_end|>" if is_llama else "<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_model(path: str, shape: Shape, types: TypeChooser, seed: int) -> None:
    shape.check()
    writer = GGUFWriter(path, shape.family)
    write_metadata(writer, shape)
    write_tokenizer(writer, shape)
    for name, rows, columns, deviation in matrices(shape):
        kind = types.choose(name)
        data = random_matrix(seed, name + ".weight", rows, columns, deviation, kind)
        writer.add_tensor(name + ".weight", data, raw_dtype=TensorType[kind])
    if types.unused:
        raise ValueError(f"no tensor fits {', '.join(types.unused)}")
    for name, values in vectors(shape, seed):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=["llama", "qwen2", "qwen3"], required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--types", default="")
    parser.add_argument("--rope-scaling", default="none")
    parser.add_argument("--rope-base", type=float, default=10000)
    parser.add_argument("--epsilon", type=float, default=1e-5)
    for name, default in [("seed", 0), ("layers", 3), ("hidden", 256), ("heads", 4), ("kv-heads", 2),
                          ("head-dim", None), ("ffn", 512), ("vocab", 512), ("context", 2048)]:
        parser.add_argument("--" + name, type=int, default=default)
    tie = parser.add_mutually_exclusive_group()
    tie.add_argument("--tied", action="store_true", dest="tied")
    tie.add_argument("--untied", action="store_false", dest="tied")
    return parser.parse_args()


def main() -> None:
    given = parsed_arguments()
    scaling, _, factor = given.rope_scaling.partition(":")
    if scaling == "linear":
        float(factor)
    elif given.rope_scaling not in ("none", "llama3"):
        raise ValueError(f"rope-scaling is none, linear:FACTOR or llama3, and {given.rope_scaling!r} was given")
    shape = Shape(given.family, given.layers, given.hidden, given.heads, given.kv_heads,
                  given.head_dim or given.hidden // given.heads, given.ffn, given.vocab, given.context, given.epsilon,
                  given.rope_base, given.rope_scaling, given.tied)
    write_model(given.out, shape, TypeChooser(given.types), given.seed)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"make_model.py: {error}")
