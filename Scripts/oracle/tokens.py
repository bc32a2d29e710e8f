"""Write the token ids that the models are compared on: a JSON list of sequences, each a list of ids.

usage: tokens.py MODEL.gguf OUT.json                        tokenises the built-in texts (SmolLM2's committed input)
       tokens.py MODEL.gguf OUT.json --random N --seed S    draws N ids from the model's vocabulary, in sequences of
                                                            30 to 90

The first form needs numpy, gguf and tokenizers, and a file with SmolLM's pre-tokenizer; the second numpy and gguf.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np
from gguf import GGUFReader

CONTROL = 3

TEXTS = [
    "The harbour lay still in the early light. A single boat moved out past the wall, its engine so quiet that the "
    "gulls on the roof of the fish market did not even turn their heads, and the old man at the rail counted the "
    "seconds until the first wave touched the stones.",

    "def moving_average(values, width):\n    \"\"\"Mean of each window of `width` values.\"\"\"\n    total = "
    "sum(values[:width])\n    result = [total / width]\n    for i in range(width, len(values)):\n        total += "
    "values[i] - values[i - width]\n        result.append(total / width)\n    return result\n",

    "<|im_start|>system\nYou are a helpful AI assistant.<|im_end|>\n<|im_start|>user\nWhy does the tide come in twice "
    "a day and not once?<|im_end|>\n<|im_start|>assistant\nBecause the Moon pulls on both sides of the Earth",

    "In 1998 the town had 14,203 people; by 2021 it had 18,977. That is a rise of 33.6 % in 23 years, or about 1.27 % "
    "each year.",

    "Die Brücke wurde im Frühjahr gesperrt, weil das Hochwasser zwei Pfeiler beschädigt hatte. Bis zum Herbst "
    "fuhren die Busse einen langen Umweg.",

    "Le marché ouvre à sept heures, mais les pêcheurs arrivent bien avant l'aube. On y vend des moules, du pain "
    "frais et, l'été, des cerises.",

    "<|im_start|>user\nList three prime numbers greater than 20.<|im_end|>\n<|im_start|>assistant\n1. 23\n2. 29\n3. "
    "31<|im_end|>\n<|im_start|>user\nAnd their sum?<|im_end|>\n<|im_start|>assistant\n",

    "Photosynthesis is the process by which green plants turn sunlight, water and carbon dioxide into sugar and "
    "oxygen. It takes place mostly in the leaves, inside small bodies called chloroplasts.",

    "let names = [\"Ada\", \"Grace\", \"Edsger\"]\nfor (index, name) in names.enumerated() where index > 0 {\n    "
    "print(\"\\(index): \\(name.uppercased())\")\n}\n",

    "Dear Ms Okafor,\n\nThank you for your letter of 3 May. We are sorry that the parcel reached you with a broken "
    "seal; a new one has been sent today at no cost.\n\nYours sincerely,\n",
]


def smollm_tokenizer(fields: GGUFReader):
    """SmolLM's byte-level BPE: digits are split one by one, then GPT-2's words; control tokens match as themselves."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

    def contents(key: str):
        return fields.get_field("tokenizer.ggml." + key).contents()

    if contents("pre") != "smollm":
        raise ValueError(f"the pre-tokenizer is smollm, and the file says {contents('pre')!r}")
    texts = contents("tokens")
    merges = [tuple(merge.split(" ")) for merge in contents("merges")]
    tokenizer = Tokenizer(models.BPE({text: index for index, text in enumerate(texts)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    control = [text for text, kind in zip(texts, contents("token_type")) if kind == CONTROL]
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in control])
    return tokenizer


def random_sequences(vocabulary: int, count: int, seed: int) -> list[list[int]]:
    """`count` ids in sequences of 30 to 90; the last is as long as what is left."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    sequences, left = [], count
    while left > 0:
        length = min(left, int(numbers.integers(30, 91)))
        sequences.append(numbers.integers(0, vocabulary, length).tolist())
        left -= length
    return sequences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    fields = GGUFReader(given.model)
    if given.random is None:
        tokenizer = smollm_tokenizer(fields)
        sequences = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    else:
        vocabulary = len(fields.get_field("tokenizer.ggml.tokens").data)
        sequences = random_sequences(vocabulary, given.random, given.seed)
    with open(given.out, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(sequence) for sequence in sequences) + "\n]\n")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"tokens.py: {error}")
