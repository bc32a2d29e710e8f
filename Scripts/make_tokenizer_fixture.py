"""Write the tokenizer tests' expected ids, with the `tokenizers` package as the oracle.

    make_tokenizer_fixture.py --fixtures Tests/TokenizationTests/Fixtures --model SmolLM2-135M-Instruct.Q4_1.gguf
        writes small-vocabulary.json (a vocabulary trained here, with ids for every pre-tokenizer) and
        smollm2-encode.json (ids for SmolLM2's vocabulary)
    make_tokenizer_fixture.py --cache DIR --model MODEL.gguf [--random 20000] [--seed 1]
        writes what is too large to commit: vocabulary.json, and with --random also random-smollm2.json and
        random-small.json, which the tests read from DIR when the environment variable TIDEWAY_TEST_CACHE names it

Needs: tokenizers, gguf.
"""
import argparse
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}| ", r"|\p{N}{1,3}| ")
PRE_TOKENIZERS = ["smollm", "gpt-2", "qwen2", "llama-bpe"]


def rule(name):
    split = pre_tokenizers.Split
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return {
        "gpt-2": gpt2,
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2]),
        "qwen2": pre_tokenizers.Sequence([split(Regex(QWEN2), behavior="isolated"), plain]),
        "llama-bpe": pre_tokenizers.Sequence([split(Regex(LLAMA3), behavior="isolated"), plain]),
    }[name]


def build(vocabulary, pre, with_control=True):
    """The oracle for a vocabulary in the fixture's form; without control tokens for text from users."""
    tokens, types = vocabulary["tokens"], vocabulary["types"]
    merges = [tuple(m.split(" ", 1)) for m in vocabulary["merges"]]
    model = BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges, ignore_merges=pre == "llama-bpe")
    oracle = Tokenizer(model)
    if pre == "qwen2":
        oracle.normalizer = normalizers.NFC()
    oracle.pre_tokenizer = rule(pre)
    oracle.decoder = decoders.ByteLevel()
    for text, kind in zip(tokens, types):
        if kind == CONTROL and with_control:
            oracle.add_special_tokens([AddedToken(text, special=True, normalized=False)])
        elif kind == USER_DEFINED:
            oracle.add_tokens([AddedToken(text, special=False, normalized=False)])
    return oracle


TRAINING = """
The river runs down to the sea, and the tide comes back up the river. It's a long way; we'll go, they've gone, I'm here.
def tide(height, hours=12):\n    for hour in range(hours):\n        print(f"{hour:02d}: {height * hour / 12.5}")\n
{"name": "tide", "values": [1, 22, 333, 4444], "open": true}\n\n\tif (a != b) { return a->b[0]; }\n
Der Fluß fließt über Straßen; où êtes-vous, garçon? mañana será otro día. Волны идут к берегу, а река течёт к морю.
海は広いな大きいな。潮が満ちて、また引いていく。 潮水涨了又退。 강물은 바다로 흐른다. नदी समुद्र की ओर बहती है। النهر يجري إلى البحر
"""


def small_vocabulary():
    """A few hundred merges, three control tokens, two user-defined ones and one word that no merge reaches."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = rule("gpt-2")
    trainer = trainers.BpeTrainer(vocab_size=700, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([TRAINING] * 3, trainer)
    trained = json.loads(tokenizer.to_str())["model"]
    tokens = [t for t, _ in sorted(trained["vocab"].items(), key=lambda item: item[1])]
    merges = [m if isinstance(m, str) else " ".join(m) for m in trained["merges"]]
    types = [NORMAL] * len(tokens)
    extra = [("Ġunmerged", NORMAL), ("<|begin|>", CONTROL), ("<|im_end|>", CONTROL), ("<|im_end|>\n", CONTROL),
             ("<think>", USER_DEFINED), ("\n\t\n", USER_DEFINED)]
    for text, kind in extra:
        tokens.append(text)
        types.append(kind)
    begin, end = tokens.index("<|begin|>"), tokens.index("<|im_end|>")
    return {"pre": "gpt-2", "tokens": tokens, "types": types, "merges": merges, "bos": begin, "eos": end}


def model_vocabulary(path):
    import gguf
    reader = gguf.GGUFReader(path)

    def value(key):
        field = reader.get_field("tokenizer.ggml." + key)
        return None if field is None else field.contents()

    return {"pre": value("pre"), "tokens": value("tokens"), "types": [int(t) for t in value("token_type")],
            "merges": value("merges"), "bos": value("bos_token_id"), "eos": value("eos_token_id")}


WRITTEN = [
    "", " ", "  ", "a", "Hello, world!", "It's what they'll do; we've done it, I'M sure, HE'S here, x'tra 'tis",
    "don't DON'T can'T you'Re we'VE I'LL he'D 'S it'\u017fx o'\u017f", " 's 't 're", "''s'''t", "'", "a'", "'r", "'v", "'l e",
    "1", "12", "1234567890", "3.14159 and 2,718,281", " 42", "  42  43", "v1.2.3-rc4", "x²y³ ½ Ⅷ ٣٤ ४५ ௧ 一二三", "0x1F 1e-9",
    "\n", "\n\n", "\r\n", "\r\n\r\n", " \n", "\n ", " \n \n  x", "a\n\n\nb", "a \n b", "a  b   c    d", "trailing  ", "  leading",
    "\t", "\t\ttabs\tin\tlines\t\n", "a\u00a0b", "a\u2003\u2003b", "\u3000全角　空白", "a\u0085b", "a\u2028b\u2029c", "\u200b\u200d\ufeff",
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x1b\x1c\x1d\x1e\x1f\x7f", "bell\x07 and null\x00!",
    "def f(x):\n    return x ** 2  # square\n\n\nclass A(B):\n\tpass\n", "#include <stdio.h>\r\nint main(void) { return 0; }\r\n",
    "for (let i = 0; i < n; ++i) { a[i] += b?.c ?? `${d}`; }", "SELECT * FROM t WHERE a <> 'it''s' -- x\n", "$$\\frac{1}{2}$$ \\n \\t",
    "{\"a\": [1, 2.5e-3, null], \"b\": {\"c\": \"\\u00e9\"}}", "<html><body class=\"x\">&amp;</body></html>", "https://example.org/a?b=c&d=%20#e",
    "e\u0301 \u00e9 n\u0303 \u00f1 A\u030a \u00c5 \u212b", "\u1100\u1161\u11a8 \uac01", "q\u0307\u0323 q\u0323\u0307", "\u0958 \u0915\u093c", "\u2126 \u03a9",
    "z\u0335\u0321\u0322\u0347\u0316\u0353a\u0338\u0327l\u0334g\u0337o\u0336", "\u0344 \uf900 \ufb1d \u0f73",
    "😀", "👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a😀b 😀😀", "½ ⅔ №  ™ © ® € £ ¥ → ⇒ ∑ ∫ √ ≠ ≤", "‘quotes’ “double” «angle» …—–", "¿Qué? ¡Sí!",
    "你好,世界!今天天气很好。", "吾輩は猫である。名前はまだ無い。", "カタカナ ﾊﾝｶｸ ひらがな", "안녕하세요 세계", "สวัสดีชาวโลก", "שלום עולם", "مرحبا بالعالم ١٢٣",
    "नमस्ते दुनिया १२३", "বাংলা ভাষা", "தமிழ் மொழி", "ქართული ენა", "Հայերեն լեզու", "Ελληνικά γλώσσα", "Русский язык, ещё раз", "Tiếng Việt rất đẹp",
    "ᚠᛇᚻ ᛒᛦᚦ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒎𝒂𝒕𝒉 𝟘𝟙𝟚", "𐍈 𐌰 𒀀 𓀀", "𠜎𠜱𠝹", "ǅ ǈ ﬀ ﬃ ſ ẞ ß", "İstanbul ıI", "a\u20d0b", "\u0e33 \u0eb3",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ab" * 60, "-" * 100, "=" * 33 + "\n",
    " " * 50 + "x", "\n" * 20, " unmerged unmerged", "antidisestablishmentarianism", "CamelCaseAndSCREAMING_SNAKE", "kebab-case.and.dots",
    "<|im_start|>user\nHi<|im_end|>\n", "<|im_end|><|im_end|>", "a<|im_end|>b <|im_end|> c", "<|im_end", "<|im_end|", "|im_end|>", "<<|im_end|>>",
    "<|endoftext|>", "<repo_name>x<file_sep>", "<think>so</think>", "x\n\t\ny <|begin|>", "<|im_end|>\n\t\n",
]

POOLS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", " ", "  \t\n\r", " \u00a0\u2002\u3000\u0085\u2028\x0b\x0c\x1c\x1f",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "''''smtdrevl SMTDREVL\u017f", "éèüñçßøåÆŒ", "абвгдеёжзАБВГД", "αβγδΑΒΓ", "你好世界的是一不了人", "ひらがなカタカナー。、",
    "가나다라마바사", "अआइकखगािी्", "ابتثجحخ١٢٣", "กขคงจฉ่้า", "😀😁👍🏽‍👩🇩🇪❤️", "\u0301\u0308\u0323\u0327\u0335\u0338\u200d\ufe0f", "²³½Ⅷ٣४௧𝟘",
    "\x00\x01\x05\x07\x08\x1b\x7f\xad\u200b\ufeff", "\u1100\u1161\u11a8\uac00\u11a9",
]


def assigned(code):
    return unicodedata.category(chr(code)) not in ("Cn", "Cs")


def random_text(rng, pieces, longest_word=0):
    parts = []
    if longest_word and rng.random() < 0.1:
        pool = rng.choice(POOLS)
        parts.append("".join(rng.choice(pool) for _ in range(rng.randint(20, longest_word))))
    for _ in range(rng.randint(1, 9)):
        kind = rng.random()
        if kind < 0.08:
            parts.append(rng.choice(pieces))
        elif kind < 0.22:
            limit = rng.choice([0x250, 0x3000, 0x10000, 0x32000])
            codes = [rng.randrange(limit) for _ in range(rng.randint(1, 4))]
            parts.append("".join(chr(c) for c in codes if assigned(c)))
        elif kind < 0.5:
            parts.append(rng.choice(WRITTEN)[:rng.randint(0, 14)])
        else:
            pool = rng.choice(POOLS)
            parts.append("".join(rng.choice(pool) for _ in range(rng.randint(1, 6))))
    return "".join(parts)


def cases(vocabulary, pres, texts):
    """[text, ids with control tokens matched, ids without (or null if the same)] for every pre-tokenizer."""
    out = {}
    for pre in pres:
        parse, plain = build(vocabulary, pre), build(vocabulary, pre, with_control=False)
        rows = []
        for text in texts:
            a = parse.encode(text, add_special_tokens=False).ids
            b = plain.encode(text, add_special_tokens=False).ids
            rows.append([text, a, None if a == b else b])
        out[pre] = rows
    return out


def write(path, value):
    """One case a line, so that a change of the fixture reads well in a diff."""
    def dump(part):
        return json.dumps(part, ensure_ascii=False, separators=(",", ":"))

    if "cases" in value:
        head = "".join(f"{dump(k)}:{dump(v)},\n" for k, v in value.items() if k != "cases")
        rows = ",\n".join(dump(pre) + ":[\n" + ",\n".join(map(dump, group)) + "\n]"
                          for pre, group in value["cases"].items())
        text = "{" + head + "\"cases\":{\n" + rows + "\n}}"
    else:
        text = dump(value)
    path.write_text(text + "\n", encoding="utf-8")
    print(path, path.stat().st_size, "bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--fixtures", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    small = small_vocabulary()
    model = model_vocabulary(options.model) if options.model else None
    pieces = [t for t, k in zip(small["tokens"], small["types"]) if k != NORMAL] + ["<|im_start|>", "<|endoftext|>"]
    if options.fixtures:
        rng = random.Random(options.seed)
        texts = WRITTEN + [random_text(rng, pieces) for _ in range(400 - len(WRITTEN))]
        write(options.fixtures / "small-vocabulary.json",
              {"vocabulary": small, "cases": cases(small, PRE_TOKENIZERS, texts[:220])})
        if model:
            write(options.fixtures / "smollm2-encode.json", {"cases": cases(model, ["smollm"], texts)})
    if options.cache:
        options.cache.mkdir(parents=True, exist_ok=True)
        write(options.cache / "vocabulary.json", model)
        if options.random:
            rng = random.Random(options.seed)
            texts = [random_text(rng, pieces, longest_word=300) for _ in range(options.random)]
            write(options.cache / "random-smollm2.json", {"cases": cases(model, ["smollm"], texts)})
            write(options.cache / "random-small.json",
                  {"vocabulary": small, "cases": cases(small, PRE_TOKENIZERS, texts)})


if __name__ == "__main__":
    main()
