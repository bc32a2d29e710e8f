#!/usr/bin/env python3
"""Writes small valid files for the fuzzers to start from: make_seeds.py FOLDER fills FOLDER/gguf and FOLDER/safetensors."""

import json
import pathlib
import struct
import sys

BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 12: (256, 144),
          13: (256, 176), 14: (256, 210), 30: (1, 2)}


def string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key: str, kind: int, value: bytes) -> bytes:
    return string(key) + struct.pack("<I", kind) + value


def array(kind: int, elements: list[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(elements)) + b"".join(elements)


def gguf(version: int, entries: list[bytes], types: list[int], alignment: int = 32) -> bytes:
    """A file with the metadata `entries` and one tensor of two blocks for each of `types`."""
    header = b"GGUF" + struct.pack("<IQQ", version, len(types), len(entries)) + b"".join(entries)
    data = b""
    for kind in types:
        elements, size = BLOCKS[kind]
        header += string(f"t{kind}") + struct.pack("<IQQIQ", 2, elements, 2, kind, len(data))
        data += bytes(index % 251 for index in range(2 * size))
        data += bytes(-len(data) % alignment)
    return header + bytes(-len(header) % alignment) + data


def vocabulary() -> list[bytes]:
    return [
        entry("tokenizer.ggml.model", 8, string("gpt2")),
        entry("tokenizer.ggml.tokens", 9, array(8, [string(text) for text in ["<end>", "a", "b", "ab"]])),
        entry("tokenizer.ggml.token_type", 9, array(5, [struct.pack("<i", kind) for kind in [3, 1, 1, 1]])),
        entry("tokenizer.ggml.scores", 9, array(6, [struct.pack("<f", -score) for score in range(4)])),
        entry("tokenizer.ggml.merges", 9, array(8, [string("a b")])),
        entry("tokenizer.ggml.eos_token_id", 4, struct.pack("<I", 0)),
        entry("tokenizer.ggml.add_bos_token", 7, b"\0"),
    ]


def scalars() -> list[bytes]:
    codes = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
    single = [entry(f"s{kind}", kind, struct.pack(code, 1)) for kind, code in codes.items()]
    return single + [entry(f"a{kind}", 9, array(kind, [struct.pack(code, 1)] * 3)) for kind, code in codes.items()]


def safetensors(header: dict, data: int) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(index % 251 for index in range(data))


def main() -> None:
    aligned = [entry("general.alignment", 4, struct.pack("<I", 64))]
    f32 = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    bf16 = {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]}
    seeds = {
        "gguf/empty": gguf(3, [], []),
        "gguf/types": gguf(3, [], sorted(BLOCKS)),
        "gguf/vocabulary": gguf(3, vocabulary(), [0]),
        "gguf/scalars": gguf(2, scalars(), []),
        "gguf/alignment": gguf(3, aligned, [8, 0], alignment=64),
        "safetensors/empty": safetensors({}, 0),
        "safetensors/two": safetensors({"a": f32, "b\n": bf16, "__metadata__": {"format": "pt"}}, 22),
        "safetensors/scalar": safetensors({"x": {"dtype": "F16", "shape": [], "data_offsets": [0, 2]}}, 2),
    }
    root = pathlib.Path(sys.argv[1])
    for name, data in seeds.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"{len(seeds)} seeds")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
