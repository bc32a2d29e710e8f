"""Logits of a GGUF model by a plain float32 NumPy forward pass: the reference that Tideway is compared with.

usage: numpy_forward.py MODEL.gguf TOKENS.json OUT.f32

TOKENS.json is a list of lists of token ids; each list is a sequence of its own that starts at position 0. OUT.f32 gets
the logits of every position of every sequence, in order: float32, little-endian, [positions, vocabulary].

Knows the architectures llama, qwen2 and qwen3 with grouped-query attention, tied and untied heads, biases, norms of
queries and keys, and rotary embeddings without scaling, with linear scaling, or with factors from rope_freqs.weight.
Weights are dequantised to float32 and activations are never rounded below it. Needs numpy and gguf.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize


class Model:
    """The metadata and the tensors of a GGUF file; a tensor is dequantised when it is asked for."""

    def __init__(self, path: str):
        self.fields = GGUFReader(path)
        self.tensors = {tensor.name: tensor for tensor in self.fields.tensors}
        self.architecture = self.fields.get_field("general.architecture").contents()
        if self.architecture not in ("llama", "qwen2", "qwen3"):
            raise ValueError(f"the architecture is llama, qwen2 or qwen3, and the file says {self.architecture!r}")
        self.layers = self.number("block_count")
        self.hidden = self.number("embedding_length")
        self.heads = self.number("attention.head_count")
        self.kv_heads = self.number("attention.head_count_kv", self.heads)
        self.head_dim = self.number("attention.key_length", self.hidden // self.heads)
        self.epsilon = np.float32(self.number("attention.layer_norm_rms_epsilon"))
        if self.number("attention.value_length", self.head_dim) != self.head_dim:
            raise ValueError("keys and values of different lengths are not supported")
        if self.number("rope.dimension_count", self.head_dim) != self.head_dim:
            raise ValueError("rotation of a part of each head is not supported")
        self.rotary_frequencies = self.scaled_frequencies()

    def number(self, key: str, default=None):
        field = self.fields.get_field(f"{self.architecture}.{key}")
        if field is None:
            if default is None:
                raise ValueError(f"the file has no {self.architecture}.{key}")
            return default
        return field.contents()

    def tensor(self, name: str):
        """The tensor as float32, [rows, columns] for a matrix, or None where the file has none of that name."""
        if name not in self.tensors:
            return None
        stored = self.tensors[name]
        values = dequantize(stored.data, stored.tensor_type).astype(np.float32, copy=False)
        return values.reshape([int(size) for size in reversed(stored.shape)])

    def scaled_frequencies(self) -> np.ndarray:
        """Radians a position, for each pair of a head: [head_dim / 2], float64."""
        pairs = np.arange(self.head_dim // 2, dtype=np.float64)
        frequencies = self.number("rope.freq_base", 10000.0) ** (-2 * pairs / self.head_dim)
        scaling = self.number("rope.scaling.type", "none")
        if scaling == "linear":
            frequencies = frequencies / self.number("rope.scaling.factor")
        elif scaling != "none":
            raise ValueError(f"rope scaling is none or linear, and the file says {scaling!r}")
        factors = self.tensor("rope_freqs.weight")
        return frequencies if factors is None else frequencies / factors


def rms_norm(rows: np.ndarray, weight: np.ndarray, epsilon: np.float32) -> np.ndarray:
    """Each row (last axis) divided by its root mean square, times `weight`."""
    mean_square = np.mean(rows * rows, axis=-1, keepdims=True)
    return rows / np.sqrt(mean_square + epsilon) * weight


def projected(rows: np.ndarray, model: Model, name: str) -> np.ndarray:
    """rows [n, in] through the linear layer `name`, with its bias if it has one: [n, out]."""
    result = rows @ model.tensor(name + ".weight").T
    bias = model.tensor(name + ".bias")
    return result if bias is None else result + bias


def rotated(heads: np.ndarray, positions: np.ndarray, model: Model) -> np.ndarray:
    """Rotary embedding of heads [n, heads, head_dim] at positions [n].

    A pair (a, b) turns by its angle. In llama files a pair is two neighbours (0 and 1, 2 and 3, ...); in qwen2 and
    qwen3 files it is one value of the first half of the head and its counterpart in the second half.
    """
    angles = positions[:, np.newaxis] * model.rotary_frequencies
    cosine = np.cos(angles).astype(np.float32)[:, np.newaxis, :]
    sine = np.sin(angles).astype(np.float32)[:, np.newaxis, :]
    if model.architecture == "llama":
        first, second = slice(0, None, 2), slice(1, None, 2)
    else:
        half = model.head_dim // 2
        first, second = slice(0, half), slice(half, None)
    a, b = heads[..., first], heads[..., second]
    result = np.empty_like(heads)
    result[..., first] = a * cosine - b * sine
    result[..., second] = a * sine + b * cosine
    return result


def attention(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Causal attention within one sequence.

    queries [n, heads, head_dim]; keys and values [n, kv_heads, head_dim]; result [n, heads, head_dim]. Query head h
    reads key head h // (heads / kv_heads).
    """
    length, heads, head_dim = queries.shape
    share = heads // keys.shape[1]
    hidden_future = np.triu(np.ones((length, length), dtype=bool), k=1)
    result = np.empty_like(queries)
    for head in range(heads):
        scores = queries[:, head] @ keys[:, head // share].T / np.float32(np.sqrt(head_dim))
        scores[hidden_future] = -np.inf
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        result[:, head] = weights @ values[:, head // share]
    return result


def attention_block(rows: np.ndarray, lengths: list[int], model: Model, block: str) -> np.ndarray:
    """The attention half of a layer, for the rows of all sequences one after another."""
    count = len(rows)
    queries = projected(rows, model, block + "attn_q").reshape(count, model.heads, model.head_dim)
    keys = projected(rows, model, block + "attn_k").reshape(count, model.kv_heads, model.head_dim)
    values = projected(rows, model, block + "attn_v").reshape(count, model.kv_heads, model.head_dim)
    if model.architecture == "qwen3":
        queries = rms_norm(queries, model.tensor(block + "attn_q_norm.weight"), model.epsilon)
        keys = rms_norm(keys, model.tensor(block + "attn_k_norm.weight"), model.epsilon)
    positions = np.concatenate([np.arange(length) for length in lengths])
    queries, keys = rotated(queries, positions, model), rotated(keys, positions, model)
    result, start = np.empty_like(queries), 0
    for length in lengths:
        own = slice(start, start + length)
        result[own] = attention(queries[own], keys[own], values[own])
        start += length
    return projected(result.reshape(count, -1), model, block + "attn_output")


def feed_forward_block(rows: np.ndarray, model: Model, block: str) -> np.ndarray:
    """down(silu(gate(x)) * up(x))."""
    gate = projected(rows, model, block + "ffn_gate")
    # The sigmoid by tanh cannot overflow.
    activated = gate * (0.5 * np.tanh(0.5 * gate) + 0.5)
    return projected(activated * projected(rows, model, block + "ffn_up"), model, block + "ffn_down")


def logits(model: Model, sequences: list[list[int]]) -> np.ndarray:
    """The logits of every position: [positions, vocabulary], float32."""
    lengths = [len(sequence) for sequence in sequences]
    ids = np.array([token for sequence in sequences for token in sequence], dtype=np.int64)
    embeddings = model.tensor("token_embd.weight")
    if ids.size and (ids.min() < 0 or ids.max() >= len(embeddings)):
        raise ValueError(f"token ids lie in 0..<{len(embeddings)}, and {ids.min()}...{ids.max()} were given")
    stream = embeddings[ids]
    for layer in range(model.layers):
        block = f"blk.{layer}."
        normed = rms_norm(stream, model.tensor(block + "attn_norm.weight"), model.epsilon)
        stream = stream + attention_block(normed, lengths, model, block)
        normed = rms_norm(stream, model.tensor(block + "ffn_norm.weight"), model.epsilon)
        stream = stream + feed_forward_block(normed, model, block)
    head = model.tensor("output.weight")
    normed = rms_norm(stream, model.tensor("output_norm.weight"), model.epsilon)
    return normed @ (embeddings if head is None else head).T


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model_path, tokens_path, out_path = sys.argv[1:]
    with open(tokens_path) as file:
        sequences = json.load(file)
    logits(Model(model_path), sequences).astype("<f4").tofile(out_path)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"numpy_forward.py: {error}")
