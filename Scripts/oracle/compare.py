"""How far the logits of one program lie from those of a reference: one JSON line.

usage: compare.py REFERENCE.f32 OURS.f32 --vocab V

Both files hold float32 little-endian logits, [positions, V]. The line's keys: positions; top1_agreement, the share of
positions whose largest logit has the same index (ties: the lowest); mean_kl and max_kl, KL(reference || ours) over the
positions, natural logarithm, computed in float64; max_abs_logit_difference. Needs numpy.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np


def log_softmax(rows: np.ndarray) -> np.ndarray:
    shifted = rows - rows.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def read_logits(path: str, vocab: int) -> np.ndarray:
    values = np.fromfile(path, dtype="<f4")
    if values.size == 0 or values.size % vocab != 0:
        raise ValueError(f"{path} holds a positive multiple of {vocab} values, and {values.size} were found")
    if not np.isfinite(values).all():
        raise ValueError(f"{path} holds values that are not finite")
    return values.reshape(-1, vocab)


def divergences(reference: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """KL(reference || ours) of each position, a few positions at a time to bound memory."""
    parts = []
    for start in range(0, len(reference), 64):
        p = log_softmax(reference[start:start + 64].astype(np.float64))
        q = log_softmax(ours[start:start + 64].astype(np.float64))
        parts.append((np.exp(p) * (p - q)).sum(axis=1))
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference")
    parser.add_argument("ours")
    parser.add_argument("--vocab", type=int, required=True)
    given = parser.parse_args()
    if given.vocab < 1:
        raise ValueError(f"vocab is at least 1, and {given.vocab} was given")
    reference, ours = read_logits(given.reference, given.vocab), read_logits(given.ours, given.vocab)
    if reference.shape != ours.shape:
        raise ValueError(f"the reference has {len(reference)} positions, and {given.ours} has {len(ours)}")
    kl = divergences(reference, ours)
    print(json.dumps({
        "positions": len(reference),
        "top1_agreement": float(np.mean(reference.argmax(axis=1) == ours.argmax(axis=1))),
        "mean_kl": float(kl.mean()),
        "max_kl": float(kl.max()),
        "max_abs_logit_difference": float(np.abs(reference.astype(np.float64) - ours).max()),
    }))


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"compare.py: {error}")
