"""Embeddings of texts by a plain NumPy forward pass of a BERT encoder: the reference that Tideway is compared with.

usage: embed_numpy.py FOLDER OUT.json [TEXTS.json]

FOLDER has config.json, tokenizer.json and model.safetensors, as all-MiniLM-L6-v2 does. TEXTS.json is a list of texts;
without it a fixed list of many kinds is taken. OUT.json gets {"texts", "tokens", "embeddings"}: of each text its first
254 tokens between [CLS] and [SEP], and the mean of their last hidden states, of unit length. Everything is computed in
float64 from the file's float32. Needs numpy and tokenizers.
"""

from __future__ import annotations

import json
import math
import pathlib
import sys

import numpy as np
from tokenizers import Tokenizer

WINDOW = 256

PARAGRAPH = (
    "Twice a day the harbour fills and empties, and whoever keeps a boat there learns the table on the wall by heart: "
    "when the mud shows, when the gate opens, and how long the ferry has to wait outside. "
)
CODE = """def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return (weights / weights.sum(-1, keepdims=True)) @ v
"""
TEXTS = [
    "",
    " ",
    "Hello",
    "a",
    "?",
    "2",
    "The quick brown fox jumps over the lazy dog.",
    "Write a haiku about the sea.",
    "Summarise the following article in three bullet points:",
    "What is the capital of France?",
    "Explain the difference between TCP and UDP to a ten-year-old.",
    "ALL CAPITALS, AND 3.14159 * 2 = 6.28318!!!",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "x" * 150,
    "tabs\tand\nnew lines\r\nand    spaces",
    "Der Fluß fließt über die Brücke, während Ångström café au lait trinkt.",
    "¿Cuál es la mejor receta de paella valenciana?",
    "Переведи это предложение на английский язык, пожалуйста.",
    "Γειά σου Κόσμε, τι κάνεις σήμερα;",
    "مرحبا بالعالم، كيف حالك اليوم؟",
    "नमस्ते दुनिया, आज मौसम कैसा है?",
    "今日は潮が高いです。東京の天気はどうですか。",
    "请用三句话介绍一下潮汐的成因。",
    "안녕하세요, 오늘 기분이 어떠세요?",
    "สวัสดีชาวโลก",
    "Emoji: 🌊🚀 👩‍👩‍👧‍👦 🇫🇷 and ✨.",
    "e\u0301 and \u00e9, \u200bzero width\u200b, \ufeffmark",
    CODE,
    "SELECT name, COUNT(*) FROM boats WHERE tide > 3 GROUP BY name HAVING COUNT(*) > 1;",
    '{"role": "user", "content": "Is this JSON?", "n": [1, 2, 3]}',
    "<html><body><p>Markup &amp; entities</p></body></html>",
    r"\int_0^1 x^2\,dx = \frac{1}{3}",
    "https://example.org/path?query=1&other=two#fragment",
    PARAGRAPH,
    PARAGRAPH * 2,
    PARAGRAPH * 5,
    PARAGRAPH * 20,
    CODE * 12,
    "潮汐" * 400,
    "no " * 300 + "yes",
]


def read_tensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The float32 tensors of a safetensors file, as float64."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, last = entry["data_offsets"]
        values = np.frombuffer(data[start + first : start + last], "<f4")
        tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    return tensors


class Encoder:
    def __init__(self, folder: pathlib.Path):
        config = json.loads((folder / "config.json").read_text())
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            raise ValueError("the encoder is of the BERT family with GELU; config.json says otherwise")
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.epsilon = config["layer_norm_eps"]
        self.tensors = read_tensors(folder / "model.safetensors")

    def linear(self, rows: np.ndarray, name: str) -> np.ndarray:
        return rows @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, rows: np.ndarray, name: str) -> np.ndarray:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        normed = centred / np.sqrt(variance + self.epsilon)
        return normed * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attention(self, rows: np.ndarray, layer: str) -> np.ndarray:
        """Every token attends to all tokens of its text: [tokens, hidden]."""
        parts = [self.linear(rows, f"{layer}attention.self.{part}") for part in ("query", "key", "value")]
        queries, keys, values = (part.reshape(len(rows), self.heads, -1).transpose(1, 0, 2) for part in parts)
        scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[-1])
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return self.linear((weights @ values).transpose(1, 0, 2).reshape(rows.shape), layer + "attention.output.dense")

    def hidden_states(self, tokens: list[int]) -> np.ndarray:
        """The last hidden states of a text: [tokens, hidden]."""
        prefix = "embeddings."
        rows = self.tensors[prefix + "word_embeddings.weight"][tokens]
        rows = rows + self.tensors[prefix + "position_embeddings.weight"][: len(tokens)]
        rows = self.norm(rows + self.tensors[prefix + "token_type_embeddings.weight"][0], prefix + "LayerNorm")
        for index in range(self.layers):
            layer = f"encoder.layer.{index}."
            rows = self.norm(rows + self.attention(rows, layer), layer + "attention.output.LayerNorm")
            wide = gelu(self.linear(rows, layer + "intermediate.dense"))
            rows = self.norm(rows + self.linear(wide, layer + "output.dense"), layer + "output.LayerNorm")
        return rows

    def embed(self, tokens: list[int]) -> np.ndarray:
        mean = self.hidden_states(tokens).mean(axis=0)
        return mean / np.linalg.norm(mean)


def gelu(x: np.ndarray) -> np.ndarray:
    """x times the normal distribution's share below x, with the error function of the C library."""
    return x * 0.5 * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2)))


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    tokens = tokenizer.encode(text, add_special_tokens=False).ids[: WINDOW - 2]
    return [tokenizer.token_to_id("[CLS]"), *tokens, tokenizer.token_to_id("[SEP]")]


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    texts = json.loads(pathlib.Path(sys.argv[3]).read_text()) if len(sys.argv) == 4 else TEXTS
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    # The file asks for 128 tokens in every text; special tokens' texts are text, as in a prompt.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    encoder = Encoder(folder)
    tokens = [encode(tokenizer, text) for text in texts]
    embeddings = [encoder.embed(ids).tolist() for ids in tokens]
    result = {"texts": texts, "tokens": tokens, "embeddings": embeddings}
    pathlib.Path(sys.argv[2]).write_text(json.dumps(result))


if __name__ == "__main__":
    try:
        main()
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"embed_numpy.py: {error!r}")
