"""Write small tokenizers of every kind with the ids that the `tokenizers` package gives: the fixture of KindTests.

    make_tokenizer_kinds.py --fixtures Tests/TokenizationTests/Fixtures
        writes kinds.json: by name, a tokenizer.json as text, and cases [text, ids with added tokens matched, ids with
        the tokens around them or null if they are the same]
    make_tokenizer_kinds.py --seeds FOLDER
        writes one still smaller tokenizer.json a kind, for the fuzzer to start from

The vocabularies are trained here, on text of our own. Needs: tokenizers.
"""
import argparse
import json
import pathlib
import random
import struct

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE, Unigram, WordPiece

import make_tokenizer_fixture as fixture

SPACE = "\u2581"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TAIL = r"[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASED = r"\s?\p{L}+"


def split(expression):
    return pre_tokenizers.Split(Regex(expression), behavior="isolated")


def byte_level(use_regex=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def train(model, trainer, normalizer=None, pre=None):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.train_from_iterator([fixture.TRAINING] * 3, trainer)
    return tokenizer


def with_added(tokenizer, special, plain=()):
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    tokenizer.add_tokens(list(plain))
    return tokenizer


def byte_pair(size, pre):
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer = train(BPE(), trainer, pre=pre)
    tokenizer.decoder = decoders.ByteLevel()
    return with_added(tokenizer, ["<|begin|>", "<|end|>"], [
        AddedToken("<mask>", lstrip=True, normalized=False), AddedToken("<blank>", rstrip=True, normalized=False)])


def byte_pairs(size):
    v3 = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+"""
          + TAIL)
    rules = {
        "deepseek-coder": [split("[\r\n]"), split(CASED), split(r"\s?\p{P}+"),
                           split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"), pre_tokenizers.Digits(True),
                           byte_level()],
        "deepseek-v3": [split(r"\p{N}{1,3}"), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"), split(v3),
                        byte_level()],
        "falcon": [pre_tokenizers.Punctuation("contiguous"), byte_level(True), split("[0-9][0-9][0-9]")],
        "qwen35": [split(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+"
                         + TAIL), byte_level()],
    }
    for name, steps in rules.items():
        yield name, byte_pair(size, pre_tokenizers.Sequence(steps))
    composing = byte_pair(size, pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level(True)]))
    composing.normalizer = normalizers.NFC()
    yield "command-r", composing


def pieces(size, form):
    """SentencePiece's BPE: with the space prefix as a normalizer, as a pre-tokenizer, or without it."""
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"])
    spaces = normalizers.Replace(" ", SPACE)
    trained = json.loads(train(BPE(), trainer, spaces, pre_tokenizers.Metaspace(SPACE, "never")).to_str())["model"]
    vocabulary = dict(trained["vocab"])
    for text in BYTES:
        vocabulary[text] = len(vocabulary)
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in trained["merges"]]
    tokenizer = Tokenizer(BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if form == "prepended":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), spaces])
    elif form == "metaspace":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, "first", split=False)
    else:
        tokenizer.normalizer = spaces
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    if form != "plain":
        steps.append(decoders.Strip(" ", 1, 0))
    tokenizer.decoder = decoders.Sequence(steps)
    with_added(tokenizer, ["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def character_map():
    """A double-array trie with three one-character texts: the full-width A and B and the no-break space."""
    pairs = {"\uff21": "A", "\uff22": "B", "\u00a0": " "}
    units, used = {0: 0}, {0}
    replacements, offsets = b"", {}
    for text, replacement in sorted(pairs.items()):
        offsets[text.encode()] = len(replacements)
        replacements += replacement.encode() + b"\0"

    def place(node, texts):
        """Puts the children of `node` at a free base and returns it."""
        labels = sorted({t[0] for t in texts if t} | ({0} if b"" in texts else set()))
        base = 1
        while any((base ^ label) in used for label in labels):
            base += 1
        used.update(base ^ label for label in labels)
        return base, labels

    def build(node, texts, label, prefix):
        base, labels = place(node, texts)
        leaf = 1 << 8 if 0 in labels else 0
        units[node] = (base ^ node if node else base) << 10 | leaf | label
        for child in labels:
            if child == 0:
                units[base] = offsets[prefix] | 1 << 31
            else:
                build(base ^ child, [t[1:] for t in texts if t and t[0] == child], child, prefix + bytes([child]))

    build(0, [t.encode() for t in pairs], 0, b"")
    # Every place that a byte may lead to lies within the trie.
    size = (max(units) | 0xFF) + 1
    trie = b"".join(struct.pack("<I", units.get(index, 0)) for index in range(size))
    return struct.pack("<I", len(trie)) + trie + replacements


def unigram(size, form):
    trainer = trainers.UnigramTrainer(vocab_size=size, show_progress=False, unk_token="<unk>",
                                      special_tokens=["<s>", "</s>", "<unk>"])
    metaspace = pre_tokenizers.Metaspace(SPACE, "always")
    tokenizer = train(Unigram(), trainer, pre=metaspace)
    if form == "words":
        tokenizer.normalizer = normalizers.Precompiled(character_map())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])
    tokenizer.decoder = decoders.Metaspace(SPACE, "always")
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[
        (t, tokenizer.token_to_id(t)) for t in ["<s>", "</s>"]])
    return tokenizer


def word_piece(size):
    trainer = trainers.WordPieceTrainer(vocab_size=size, show_progress=False,
                                        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer = train(WordPiece(unk_token="[UNK]"), trainer, normalizers.BertNormalizer(),
                      pre_tokenizers.BertPreTokenizer())
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def kinds(size):
    yield from byte_pairs(size)
    for form in ["prepended", "metaspace", "plain"]:
        yield f"pieces-{form}", pieces(size, form)
    for form in ["words", "plain"]:
        yield f"unigram-{form}", unigram(size, form)
    yield "wordpiece", word_piece(size)


def text_cases(tokenizer, texts):
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        around = tokenizer.encode(text).ids
        rows.append([text, ids, None if around == ids else around])
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fixtures", type=pathlib.Path)
    parser.add_argument("--seeds", type=pathlib.Path)
    options = parser.parse_args()
    if options.fixtures:
        rng = random.Random(3)
        added = ["<s>", "</s>", "<mask>", " <mask> ", "<blank> ", "<|end|>", "[MASK]", "\u2581", "\uff21\u00a0\uff22 "]
        texts = fixture.WRITTEN + added + [fixture.random_text(rng, added) for _ in range(60)]
        lines = []
        for name, tokenizer in kinds(500):
            value = {"tokenizer": json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")),
                     "cases": text_cases(tokenizer, texts)}
            rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in value["cases"])
            lines.append(f"{json.dumps(name)}:{{\"tokenizer\":{json.dumps(value['tokenizer'], ensure_ascii=False)},"
                         f"\"cases\":[\n{rows}]}}")
        path = options.fixtures / "kinds.json"
        path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
        print(path, path.stat().st_size, "bytes")
    if options.seeds:
        options.seeds.mkdir(parents=True, exist_ok=True)
        for name, tokenizer in kinds(300):
            value = json.loads(tokenizer.to_str())
            # The fuzzer wants small inputs: most merges go, and with them most tokens that only they make.
            if "merges" in value["model"]:
                value["model"]["merges"] = value["model"]["merges"][:8]
            (options.seeds / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
