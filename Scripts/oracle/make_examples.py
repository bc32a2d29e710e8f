"""Make the small models that Tideway is checked on, with token files and reference logits.

usage: make_examples.py FOLDER [NAME ...]

For each model (all of them unless named) the folder gets NAME.gguf, NAME.tokens.json (500 random ids) and NAME.f32
(reference logits, see numpy_forward.py). The same files come out each time, but for the last bits of the logits, which
depend on the machine's BLAS. Needs numpy and gguf.
"""

from __future__ import annotations

import os
import subprocess
import sys

# The arguments of make_model.py. Between them the models hold every family, tensor type and rotary scaling.
MODELS = {
    "llama-mixed": ["--family", "llama", "--types",
                    "attn_q=Q4_0,attn_k=Q5_0,attn_v=Q8_0,attn_output=Q4_1,ffn_gate=Q5_1,ffn_up=F16,ffn_down=BF16,"
                    "blk.1.attn_q=Q4_K,blk.1.attn_k=Q6_K,blk.1.attn_v=Q5_K,blk.1.ffn_up=Q4_K,blk.1.ffn_gate=Q5_K,"
                    "blk.1.ffn_down=Q6_K,blk.2.ffn_up=Q4_0,token_embd=Q8_0,output=F32"],
    "qwen2": ["--family", "qwen2", "--seed", "1", "--rope-base", "1000000", "--types",
              "*=Q8_0,attn_*=Q4_0,ffn_up=Q4_0"],
    "qwen3": ["--family", "qwen3", "--seed", "2", "--rope-base", "1000000", "--head-dim", "32", "--tied", "--types",
              "*=Q8_0,ffn_down=Q6_K,attn_v=Q6_K,ffn_up=Q4_K"],
    "llama-rope-linear": ["--family", "llama", "--seed", "3", "--rope-scaling", "linear:4", "--types",
                          "*=Q8_0,ffn_*=Q4_1"],
    "llama-rope-llama3": ["--family", "llama", "--seed", "4", "--rope-scaling", "llama3", "--rope-base", "500000",
                          "--tied", "--types", "*=Q8_0,ffn_*=Q4_1"],
    "tiny": ["--family", "llama", "--seed", "5", "--layers", "4", "--hidden", "64", "--ffn", "128", "--context", "1024",
             "--types", "*=Q4_1,token_embd=Q8_0,output=Q8_0"],
}


def run(script: str, *arguments: str) -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([sys.executable, os.path.join(folder, script), *arguments], check=True)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, names = sys.argv[1], sys.argv[2:] or list(MODELS)
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        sys.exit(f"make_examples.py: models are {' '.join(MODELS)}, and {' '.join(unknown)} was given")
    os.makedirs(folder, exist_ok=True)
    for name in names:
        stem = os.path.join(folder, name)
        run("make_model.py", "--out", stem + ".gguf", *MODELS[name])
        run("tokens.py", stem + ".gguf", stem + ".tokens.json", "--random", "500", "--seed", "7")
        run("numpy_forward.py", stem + ".gguf", stem + ".tokens.json", stem + ".f32")


if __name__ == "__main__":
    main()
