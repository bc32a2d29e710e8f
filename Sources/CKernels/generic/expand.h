// Expands packed numbers into the form that products compute with: f32 scales, and bytes for quants of more than four
// bits. Written once and compiled for each kind of processor; the including file has defined TW_LOAD_HALF.
#ifndef TW_EXPAND_H
#define TW_EXPAND_H

#include "CKernels.h"
#include "lanes.h"
#include "packed_layout.h"

typedef uint8_t u8x64 __attribute__((vector_size(64), aligned(1)));

// Floats of a block's scales: `first`, then `second` below.
enum { BLOCK_SCALES = 2 * TW_PANEL };

typedef uint8_t u8x16 __attribute__((vector_size(16), aligned(1)));
typedef int8_t i8x16 __attribute__((vector_size(16), aligned(1)));

TW_INLINE v16 v16_of_bytes(const uint8_t *p) {
    u8x16 bytes;
    memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(__builtin_convertvector(bytes, v16i), v16);
}
TW_INLINE v16 v16_of_signed_bytes(const uint8_t *p) {
    i8x16 bytes;
    memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(__builtin_convertvector(bytes, v16i), v16);
}
TW_INLINE v16 v16_of_halves(const uint8_t *p) {
#ifdef TW_LOAD_16_HALVES
    return TW_LOAD_16_HALVES(p);
#else
    const uint16_t *halves = (const uint16_t *)(const void *)p;
    return v16_of(TW_LOAD_HALF(halves), TW_LOAD_HALF(halves + 8));
#endif
}

// Scales of the 16 rows of a block: `first` holds the scales; `second` holds the minima, or the scales of columns
// 16-31.
typedef struct {
    v16 first, second;
} block_scales;

TW_INLINE block_scales expand_scales(const tw_format format, packed_block block) {
    const uint8_t *own = block.scales, *next = own + scale_bytes(format) / 2;
    block_scales s;
    if (format == TW_FORMAT_S8) {
        memcpy(&s.first, own, sizeof s.first);
        s.second = v16_set(0);
    } else if (has_half_scales(format)) {
        const v16 shared = v16_of_halves(block.super);
        s.first = shared * v16_of_signed_bytes(own);
        s.second = shared * v16_of_signed_bytes(next);
    } else if (has_supers(format)) {
        s.first = v16_of_halves(block.super) * v16_of_bytes(own);
        s.second = v16_of_halves(block.super + 2 * TW_PANEL) * v16_of_bytes(next);
    } else {
        s.first = v16_of_halves(own);
        s.second = !has_minima(format)          ? v16_set(0)
                   : format == TW_FORMAT_Q4_0 ? v16_set(-8) * s.first
                                              : v16_of_halves(next);
    }
    return s;
}

TW_INLINE void store_scales(const tw_format format, block_scales s, float out[BLOCK_SCALES]) {
    v16_store(out, s.first);
    if (has_minima(format) || has_half_scales(format)) v16_store(out + TW_PANEL, s.second);
}

// The quants of group `group` of four columns in a block with five or six bits, as unsigned bytes: the zero point is
// not subtracted yet.
TW_INLINE u8x64 group_quants(const tw_format format, const uint8_t *quants, const int group) {
    const int bits = high_bits(format), shared = 8 / bits;
    const int shift = group % shared * bits - 4;  // to bit 4 and, with two, 5
    u8x64 both, plane;
    memcpy(&plane, quants + group / shared * 64, sizeof plane);
    memcpy(&both, quants + bits * PLANE_BYTES + group / 2 * 64, sizeof both);
    const u8x64 high = shift < 0 ? plane << (uint8_t)-shift : plane >> (uint8_t)shift;
    return (group & 1 ? both >> 4 : both & 15) | (high & (uint8_t)(((1 << bits) - 1) << 4));
}

TW_INLINE void expand_quants(const tw_format format, const uint8_t *quants, uint8_t out[BYTE_BYTES]) {
    TW_UNROLL for (int group = 0; group < 8; group++) {
        const u8x64 q = group_quants(format, quants, group);
        memcpy(out + group * 64, &q, sizeof q);
    }
}

#endif
