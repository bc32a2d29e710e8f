// The layout of a panel: block after block of 32 columns, each block its scales and then its quants. In a K type the
// values that eight blocks share (d, and m if the type has minima, f16) lie before the first of the eight. So the
// kernels read a panel as one stream from first to last byte.
#ifndef TW_PACKED_LAYOUT_H
#define TW_PACKED_LAYOUT_H

#include "CKernels.h"
#include "lanes.h"

enum {
    SUPER_BLOCKS = 8,  // blocks of 32 columns in a block of 256 columns of a K type
    // Bytes of 16 x 32 quants with 4 bits each, with 1 bit each, and as whole bytes.
    NIBBLE_BYTES = TW_PANEL * TW_BLOCK / 2,
    PLANE_BYTES = TW_PANEL * TW_BLOCK / 8,
    BYTE_BYTES = TW_PANEL * TW_BLOCK,
};

TW_INLINE bool has_supers(const tw_format format) {
    return format == TW_FORMAT_Q4_K || format == TW_FORMAT_Q5_K || format == TW_FORMAT_Q6_K;
}
TW_INLINE bool has_nibbles(const tw_format format) {
    return format == TW_FORMAT_Q4_0 || format == TW_FORMAT_Q4_1 || format == TW_FORMAT_Q4_K;
}
TW_INLINE bool has_minima(const tw_format format) {
    return has_nibbles(format) || format == TW_FORMAT_Q5_1 || format == TW_FORMAT_Q5_K;
}
// Whether columns 0-15 and 16-31 of a block have scales of their own.
TW_INLINE bool has_half_scales(const tw_format format) { return format == TW_FORMAT_Q6_K; }

// Bits of a quant above its low four; they are stored in planes of their own.
TW_INLINE int high_bits(const tw_format format) {
    switch (format) {
    case TW_FORMAT_Q5_0: case TW_FORMAT_Q5_1: case TW_FORMAT_Q5_K: return 1;
    case TW_FORMAT_Q6_K: return 2;
    default: return 0;
    }
}
// The value to subtract from a quant of five or six bits once its bits are joined.
TW_INLINE int zero_point(const tw_format format) {
    return format == TW_FORMAT_Q5_0 ? 16 : format == TW_FORMAT_Q6_K ? 32 : 0;
}

// Bytes that eight blocks of a panel share.
TW_INLINE int64_t super_bytes(const tw_format format) {
    return !has_supers(format) ? 0 : format == TW_FORMAT_Q6_K ? 2 * TW_PANEL : 4 * TW_PANEL;
}
// Bytes of the scales and minima of a block of a panel.
TW_INLINE int64_t scale_bytes(const tw_format format) {
    switch (format) {
    case TW_FORMAT_Q4_1: case TW_FORMAT_Q5_1: case TW_FORMAT_S8: return 4 * TW_PANEL;
    default: return 2 * TW_PANEL;
    }
}
// Bytes of the quants of a block of a panel.
TW_INLINE int64_t quant_bytes(const tw_format format) {
    if (has_nibbles(format) || high_bits(format) > 0) return NIBBLE_BYTES + high_bits(format) * PLANE_BYTES;
    return BYTE_BYTES;
}

// Bytes of `blocks` blocks; in a K type `blocks` is a multiple of eight.
TW_INLINE int64_t bytes_of_blocks(const tw_format format, int64_t blocks) {
    return blocks / SUPER_BLOCKS * super_bytes(format) + blocks * (scale_bytes(format) + quant_bytes(format));
}

// Block `b` of the blocks that begin at `packed`; in a K type `packed` is the first of a group of eight.
typedef struct {
    const uint8_t *super, *scales, *quants;
} packed_block;
TW_INLINE packed_block block_at(const tw_format format, const uint8_t *packed, int64_t b) {
    const int64_t own = scale_bytes(format) + quant_bytes(format), supers = b / SUPER_BLOCKS;
    const uint8_t *super = packed + supers * (super_bytes(format) + SUPER_BLOCKS * own);
    const uint8_t *scales = packed + (supers + 1) * super_bytes(format) + b * own;
    return (packed_block){super, scales, scales + scale_bytes(format)};
}

#endif
