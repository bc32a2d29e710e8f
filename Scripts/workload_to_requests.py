"""Turns a workload file into requests that run to exact lengths, for throughput comparisons.

usage: workload_to_requests.py WORKLOAD.jsonl > REQUESTS.jsonl

A workload line is {"id", "prompt", "prompt_tokens", "output_tokens"}; each request runs greedily, past the model's
end-of-sequence tokens, to exactly output_tokens tokens.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    for line in open(sys.argv[1], encoding="utf-8"):
        entry = json.loads(line)
        request = {
            "custom_id": entry["id"], "prompt": entry["prompt"], "max_tokens": entry["output_tokens"],
            "ignore_eos": True, "temperature": 0,
        }
        print(json.dumps(request, ensure_ascii=False))


if __name__ == "__main__":
    main()
