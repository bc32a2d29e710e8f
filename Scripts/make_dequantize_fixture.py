#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/Fixtures/dequantize.json: stored blocks and the floats that they stand for.

The floats come from gguf-py (`pip install gguf numpy`), which is another implementation than the one under test. The
blocks are pseudo-random from a fixed seed, so running the script again gives the same file.
"""

import json
import pathlib

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

SEED = 20250214
# Byte offsets in a block at which half-precision scales lie. They are drawn as numbers, since random bits give NaN.
SCALES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
}
BLOCKS = {"Q4_K": 1, "Q5_K": 1, "Q6_K": 1}

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.1, -3.75, 65504.0, 6.1035156e-05, 5.9604645e-08, -1.1920929e-07, 1e-30, 3e38]


def plain(name: str) -> np.ndarray:
    """The stored bytes of the special numbers in one of the types that have no blocks."""
    numbers = np.array(SPECIAL, dtype=np.float32)
    if name == "F32":
        return numbers.view(np.uint8)
    if name == "F16":
        with np.errstate(over="ignore"):
            return numbers.astype(np.float16).view(np.uint8)
    return (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)


def quantised(name: str, random: np.random.Generator) -> np.ndarray:
    """Random blocks of a quantised type."""
    _, size = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    blocks = random.integers(0, 256, size=(BLOCKS.get(name, 2), size), dtype=np.uint8)
    for offset in SCALES[name]:
        scales = random.normal(scale=0.05, size=blocks.shape[0]).astype(np.float16)
        blocks[:, offset : offset + 2] = scales.view(np.uint8).reshape((-1, 2))
    return blocks.reshape(-1)


def main() -> None:
    random = np.random.default_rng(SEED)
    fixture = []
    for name in ["F32", "F16", "BF16", *SCALES]:
        stored = quantised(name, random) if name in SCALES else plain(name)
        floats = dequantize(stored, GGMLQuantizationType[name]).astype("<f4").reshape(-1)
        fixture.append({"type": name, "bytes": stored.tobytes().hex(), "floats": floats.tobytes().hex()})
    path = pathlib.Path(__file__).parent.parent / "Tests" / "ModelFilesTests" / "Fixtures" / "dequantize.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fixture, indent=2) + "\n")
    print(f"{path.name}: {len(fixture)} types, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
