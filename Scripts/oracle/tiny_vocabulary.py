"""A small byte-level BPE vocabulary, learned on the spot from a built-in word list.

The result is what a GGUF file needs for the tokenizer model "gpt2": the texts of all tokens, their types and the
merges. It depends on nothing but its arguments. Used by make_model.py; it is no program of its own.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict

SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# Token types of GGUF.
NORMAL, CONTROL = 1, 3

WORDS = """the of and a to in is that it for on with as was are be this by at from or an not one can all will
have has we you they there which when where what how user assistant system model token prompt answer question
time year day water river sea tide wind light stone bridge island harbour ship sail rope letter number count
first second third many some more most other new old small large long short high low left right open close
read write send wait start stop turn make take give find keep run walk carry build hold return function value
while if else let var print true false none list string
Haus Wasser und der die das nicht ein eine mit auf ist le la les des une est pas dans pour avec""".split()

PIECES = ["ba", "che", "di", "fo", "gra", "hu", "in", "ja", "ka", "lo", "mer", "nu", "or", "pi", "qua", "ren", "so",
          "ti", "un", "ver", "wa", "xe", "yo", "zi"]


def byte_spelling() -> list[str]:
    """The printable character that stands for each byte 0...255 in a byte-level vocabulary."""
    printable = set(range(0x21, 0x7F)) | set(range(0xA1, 0xAD)) | set(range(0xAE, 0x100))
    spelling, substitute = [], 0x100
    for byte in range(256):
        if byte in printable:
            spelling.append(chr(byte))
        else:
            spelling.append(chr(substitute))
            substitute += 1
    return spelling


def corpus(made_up_words: int) -> list[tuple[str, int]]:
    """Words with a leading space, spelled bytewise, with how often each occurs (rarer towards the end)."""
    space = byte_spelling()[0x20]
    words = [(space + word, 4 + 600 // (rank + 3)) for rank, word in enumerate(dict.fromkeys(WORDS))]
    count, length = 0, 3
    while count < made_up_words:
        for number in range(len(PIECES) ** length):
            if count == made_up_words:
                break
            pieces = [PIECES[number * 5 // len(PIECES) ** place % len(PIECES)] for place in range(length)]
            words.append((space + "".join(pieces), 1))
            count += 1
        length += 1
    return words


def learn_merges(new_tokens: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Byte pair encoding: joins the most frequent pair (ties: the smaller in text order) until `new_tokens` exist.

    Every word ends as one token of its own, so as many made-up words as wanted tokens are always enough.
    """
    words = [(list(word), count) for word, count in corpus(new_tokens)]
    pair_counts, words_of_pair = Counter(), defaultdict(set)
    for index, (symbols, count) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pair_counts[pair] += count
            words_of_pair[pair].add(index)

    # Counts in the queue may be out of date, but never too small: a pair is queued anew whenever its count grows.
    queue = [(-count, pair) for pair, count in pair_counts.items()]
    heapq.heapify(queue)
    tokens, merges = {}, []
    while len(tokens) < new_tokens:
        negative_count, best = heapq.heappop(queue)
        if -negative_count != pair_counts[best]:
            if pair_counts[best] > 0:
                heapq.heappush(queue, (-pair_counts[best], best))
            continue
        merges.append(best)
        tokens[best[0] + best[1]] = None
        for index in sorted(words_of_pair[best]):
            symbols, count = words[index]
            for pair in zip(symbols, symbols[1:]):
                pair_counts[pair] -= count
                words_of_pair[pair].discard(index)
            symbols[:] = joined(symbols, best)
            for pair in zip(symbols, symbols[1:]):
                pair_counts[pair] += count
                words_of_pair[pair].add(index)
                heapq.heappush(queue, (-pair_counts[pair], pair))
    return list(tokens), merges


def joined(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """`symbols` with each occurrence of `pair`, from the left, made one symbol."""
    result, position = [], 0
    while position < len(symbols):
        if tuple(symbols[position:position + 2]) == pair:
            result.append(pair[0] + pair[1])
            position += 2
        else:
            result.append(symbols[position])
            position += 1
    return result


def vocabulary(size: int, special_first: bool) -> tuple[list[str], list[int], list[str]]:
    """Texts and types of `size` tokens, and the merges ("left right"), in the order of a GGUF file."""
    smallest = 256 + len(SPECIAL_TOKENS)
    if size < smallest:
        raise ValueError(f"a byte-level vocabulary needs at least {smallest} tokens, and {size} were asked for")
    learned, merges = learn_merges(size - smallest)
    plain = byte_spelling() + learned
    if special_first:
        texts, types = SPECIAL_TOKENS + plain, [CONTROL] * len(SPECIAL_TOKENS) + [NORMAL] * len(plain)
    else:
        texts, types = plain + SPECIAL_TOKENS, [NORMAL] * len(plain) + [CONTROL] * len(SPECIAL_TOKENS)
    return texts, types, [f"{left} {right}" for left, right in merges]
