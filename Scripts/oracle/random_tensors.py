"""Random weights in the tensor types of GGUF, each tensor from its own generator.

A tensor is drawn from a generator that is keyed by (seed, tensor name), so that changing one tensor's type or leaving
one out changes no other. F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0 round normally distributed values; Q4_K, Q5_K
and Q6_K, for which gguf-py has no quantiser, are drawn as blocks. Used by make_model.py; no program of its own.
"""

from __future__ import annotations

import zlib

import numpy as np
from gguf import GGMLQuantizationType as TensorType
from gguf.quants import quantize

SUPER_BLOCK = 256
BLOCK_SIZES = {"F32": 1, "F16": 1, "BF16": 1, "Q4_0": 32, "Q4_1": 32, "Q5_0": 32, "Q5_1": 32, "Q8_0": 32,
               "Q4_K": SUPER_BLOCK, "Q5_K": SUPER_BLOCK, "Q6_K": SUPER_BLOCK}


def generator(seed: int, name: str) -> np.random.Generator:
    """The random number generator of one tensor."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))


def random_matrix(seed: int, name: str, rows: int, columns: int, deviation: float, kind: str) -> np.ndarray:
    """A matrix of [rows, columns] values with mean 0 and the standard `deviation`, encoded as tensor type `kind`."""
    block = BLOCK_SIZES[kind]
    if columns % block != 0:
        raise ValueError(f"{name}: rows of {kind} hold a multiple of {block} values, and {columns} were given")
    numbers = generator(seed, name)
    blocks = rows * columns // SUPER_BLOCK
    if kind == "Q4_K":
        encoded = with_minimum_blocks(numbers, blocks, deviation, bits=4)
    elif kind == "Q5_K":
        encoded = with_minimum_blocks(numbers, blocks, deviation, bits=5)
    elif kind == "Q6_K":
        encoded = q6_k_blocks(numbers, blocks, deviation)
    else:
        values = numbers.standard_normal((rows, columns), dtype=np.float32) * np.float32(deviation)
        return quantize(values, TensorType[kind])
    return encoded.reshape(rows, -1)


def half_bytes(values: np.ndarray) -> np.ndarray:
    """The two bytes of each value as float16, little-endian: [n] -> [n, 2]."""
    return values.astype("<f2").view(np.uint8).reshape(-1, 2)


def spread(numbers: np.random.Generator, blocks: int, mean: float) -> np.ndarray:
    """One scale a block, within a quarter of `mean`."""
    return mean * numbers.uniform(0.75, 1.25, blocks)


def with_minimum_blocks(numbers: np.random.Generator, blocks: int, deviation: float, bits: int) -> np.ndarray:
    """Random Q4_K (`bits` 4) or Q5_K (5) blocks: 8 groups of 32 values, value = d * scale * q - dmin * minimum.

    The minima lie near the scales and dmin is d times the middle of q's range, so that the mean is close to 0; they
    are not equal, so that a reader that confuses the two is found out.
    """
    levels = 1 << bits
    scales = numbers.integers(8, 64, (blocks, 8))
    minima = np.clip(scales + numbers.integers(-6, 7, (blocks, 8)), 0, 63)
    quants = numbers.integers(0, levels, (blocks, 8, 32)).astype(np.uint8)
    middle = (levels - 1) / 2
    typical = np.sqrt((levels ** 2 - 1) / 12 * np.mean(scales.astype(np.float64) ** 2))
    d = spread(numbers, blocks, deviation / typical)
    parts = [half_bytes(d), half_bytes(d * middle), packed_scales(scales, minima)]
    if bits == 5:
        # Bit j of byte i is the fifth bit of value i of group j.
        high = (quants >> 4).astype(np.uint8) << np.arange(8, dtype=np.uint8).reshape(1, 8, 1)
        parts.append(np.bitwise_or.reduce(high, axis=1))
    low = quants & 15
    parts.append((low[:, 0::2] | low[:, 1::2] << 4).reshape(blocks, -1))
    return np.concatenate(parts, axis=1)


def packed_scales(scales: np.ndarray, minima: np.ndarray) -> np.ndarray:
    """Eight 6-bit scales and eight 6-bit minima in 12 bytes, as Q4_K and Q5_K hold them."""
    scales, minima = scales.astype(np.uint8), minima.astype(np.uint8)
    first = scales[:, :4] | (scales[:, 4:] >> 4) << 6
    second = minima[:, :4] | (minima[:, 4:] >> 4) << 6
    third = (scales[:, 4:] & 15) | (minima[:, 4:] & 15) << 4
    return np.concatenate([first, second, third], axis=1)


def q6_k_blocks(numbers: np.random.Generator, blocks: int, deviation: float) -> np.ndarray:
    """Random Q6_K blocks: 16 groups of 16 values, value = d * scale * (q - 32), scales of both signs."""
    scales = numbers.integers(16, 128, (blocks, 16)) * numbers.choice([-1, 1], (blocks, 16))
    quants = numbers.integers(0, 64, (blocks, 2, 4, 32)).astype(np.uint8)
    typical = np.sqrt((64 ** 2 - 1) / 12 * np.mean(scales.astype(np.float64) ** 2))
    low, high = quants & 15, quants >> 4
    # Each half of 128 values: 64 bytes of low nibbles (rows 0, 1 below rows 2, 3), 32 bytes of four 2-bit tops.
    low_bytes = (low[:, :, :2] | low[:, :, 2:] << 4).reshape(blocks, -1)
    shifts = np.arange(0, 8, 2, dtype=np.uint8).reshape(1, 1, 4, 1)
    high_bytes = np.bitwise_or.reduce(high << shifts, axis=2).reshape(blocks, -1)
    d = half_bytes(spread(numbers, blocks, deviation / typical))
    return np.concatenate([low_bytes, high_bytes, scales.astype(np.int8).view(np.uint8), d], axis=1)
