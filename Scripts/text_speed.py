"""Encode the same texts with Tideway and with the `tokenizers` package, in turns, each on one core.

    text_speed.py --tideway .build/release/tideway --model MODEL.gguf --texts WORKLOAD.jsonl [--repeat 5]

MODEL may hold a vocabulary alone. The other tokenizer is built from the same vocabulary; both encode the prompts as plain
text, and must come to the same number of tokens. Prints the medians and their ratio. Needs: tokenizers, gguf.
"""
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import argparse
import json
import statistics
import subprocess
import tempfile
import time

import tokenizer_check


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tideway", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with open(options.texts, encoding="utf-8") as lines:
        texts = [json.loads(line)["prompt"] for line in lines]
    size = sum(len(text.encode()) for text in texts)
    other = tokenizer_check.oracle(tokenizer_check.vocabulary(options.model), with_control=False)
    ours, theirs = [], []
    for _ in range(options.repeat):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            subprocess.run([options.tideway, "bench", "text", "--model", options.model, "--texts", options.texts,
                            "--repeat", "5", "--json", report.name], check=True, stdout=subprocess.DEVNULL)
            figures = json.load(open(report.name))
        ours.append(size / figures["encode_seconds"] / 1e6)
        begin = time.perf_counter()
        tokens = sum(len(made.ids) for made in other.encode_batch_fast(texts, add_special_tokens=False))
        theirs.append(size / (time.perf_counter() - begin) / 1e6)
        if tokens != figures["tokens"]:
            raise SystemExit(f"tokens differ: {figures['tokens']} here, {tokens} there")
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{options.model}: {len(texts)} texts, {size / 1e6:.1f} MB, {figures['tokens']} tokens, "
          f"vocabulary {figures['vocabulary']}, loaded in {figures['load_seconds'] * 1e3:.0f} ms")
    print(f"tideway {a:.1f} MB/s ({min(ours):.1f} to {max(ours):.1f}), "
          f"tokenizers {b:.1f} MB/s ({min(theirs):.1f} to {max(theirs):.1f}), ratio {a / b:.1f}")


if __name__ == "__main__":
    main()
