"""Compares Tideway's logits with the reference logits in a cache folder, and prints the figures as JSON.

usage: measure.py --tideway BINARY --cache FOLDER

For SmolLM2 and for each tiny model, with f32 and with 8-bit activations, keys and values in f16 and in 8 bits;
`make oracle-figures` writes the result to Scripts/oracle/figures.json. Needs numpy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
# Of activations, and of keys and values.
KINDS = {"f32": ("f32", "f16"), "int8": ("int8", "f16"), "f32, q8": ("f32", "q8"), "int8, q8": ("int8", "q8")}
TINY = ("llama-mixed", "qwen2", "qwen3", "llama-rope-linear", "llama-rope-llama3", "tiny")


def compare(options, model: str, tokens: str, reference: str, vocab: int, activations: str, kv_type: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        ours = os.path.join(folder, "ours.f32")
        subprocess.run(
            [options.tideway, "logits", "--model", model, "--tokens", tokens, "--output", ours]
            + ["--activations", activations, "--kv-type", kv_type],
            check=True,
        )
        command = [sys.executable, os.path.join(SCRIPTS, "compare.py"), reference, ours, "--vocab", str(vocab)]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {key: value if isinstance(value, int) else float(f"{value:.3g}") for key, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tideway", required=True)
    parser.add_argument("--cache", required=True)
    options = parser.parse_args()
    cache = options.cache
    cases = [(
        "SmolLM2-135M-Instruct.Q4_1", os.path.join(cache, "SmolLM2-135M-Instruct.Q4_1.gguf"),
        os.path.join(SCRIPTS, "smollm2-tokens.json"), os.path.join(cache, "oracle", "smollm2.f32"), 49152,
    )]
    for name in TINY:
        base = os.path.join(cache, "tiny", name)
        cases.append((name, base + ".gguf", base + ".tokens.json", base + ".f32", 512))
    figures = {
        name: {kind: compare(options, *case, *types) for kind, types in KINDS.items()} for name, *case in cases
    }
    print(json.dumps({"command": "make oracle-figures", "figures": figures}, indent=2))


if __name__ == "__main__":
    main()
