"""Runs the same requests under every combination of settings and compares the tokens.

usage: equality_matrix.py --tideway BINARY --model F.gguf --input F.jsonl [--quick]

Stages 1, 2, 3; threads 1, 2; policies separate and hybrid; prefill chunks 7, 64, 512; a roomy KV pool and one so small
that requests are preempted. Prints a line a run and ends with status 1 if any token differs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile


def tokens(path: str) -> dict:
    answers = {}
    for line in open(path, encoding="utf-8"):
        entry = json.loads(line)
        if entry["custom_id"] in answers:
            sys.exit(f"{entry['custom_id']} stands twice in {path}")
        response = entry["response"]
        answers[entry["custom_id"]] = (
            [choice["token_ids"] for choice in response["body"]["choices"]] if response else entry["error"]
        )
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tideway", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--quick", action="store_true", help="every seventh combination")
    options = parser.parse_args()
    settings = list(itertools.product((1, 2, 3), (1, 2), ("separate", "hybrid"), (7, 64, 512), ("256MiB", "24MiB")))
    if options.quick:
        settings = settings[::7]
    reference = None
    differing = 0
    with tempfile.TemporaryDirectory() as folder:
        for stages, threads, policy, chunk, memory in settings:
            output, stats = os.path.join(folder, "out.jsonl"), os.path.join(folder, "stats.json")
            subprocess.run(
                [options.tideway, "run", "--quiet", "--overwrite", "--token-ids", "--model", options.model]
                + ["--input", options.input, "--output", output, "--stats", stats, "--stages", str(stages)]
                + ["--threads", str(threads), "--policy", policy, "--prefill-chunk", str(chunk)]
                + ["--kv-memory", memory],
                check=True,
            )
            found = tokens(output)
            reference = reference or found
            same = found == reference
            differing += not same
            figures = json.load(open(stats, encoding="utf-8"))
            print(
                f"stages {stages} threads {threads} {policy:8} chunk {chunk:3} kv {memory:6} "
                f"preemptions {figures['preemptions']:4} {figures['wall_seconds']:6.1f} s "
                f"{'equal' if same else 'DIFFERENT'}",
                flush=True,
            )
    print(f"{len(settings)} runs of {len(reference)} requests, {differing} with other tokens")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
