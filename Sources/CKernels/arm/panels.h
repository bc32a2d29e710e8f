// Products of quantised rows with packed panels, in steps that both kinds of ARM kernels share. The including file
// defines u4_block and s8_block, and TW_S8_SUMS: how many vectors of sums of 8-bit weights (4 output rows for 1
// activation row) it holds in registers, 4 or 8.
#ifndef TW_ARM_PANELS_H
#define TW_ARM_PANELS_H

#include <arm_neon.h>

#include "CKernels.h"
#include "half.h"
#include "../generic/lanes.h"
#include "../generic/packed_products.h"

// Sums of a tile: `quarters` x 4 output rows (of the 16 of a panel) for `rows` activation rows; together at most 8, so
// that 32 registers hold what a tile needs.
enum { MOST = 8 };
typedef struct {
    int32x4_t of[MOST];
} block_sums;
typedef struct {
    float32x4_t of[MOST];
} tile_sums;

// The sums over a block of 32 columns of 4-bit weights. `quants` and `q` point to the block's quants and activations.
TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int quarters, const int rows);
// The sums over `groups` (4 or 8) groups of 4 columns of 8-bit weights.
TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int groups, const int quarters,
                              const int rows);

TW_INLINE void add_scaled(tile_sums *acc, const block_sums *sum, const float *scales, const float *x_scale,
                          int64_t x_stride, const int quarters, const int rows) {
    TW_UNROLL for (int h = 0; h < quarters; h++) {
        const float32x4_t weight = vld1q_f32(scales + 4 * h);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            const float32x4_t scale = vmulq_n_f32(weight, x_scale[r * x_stride]);
            float32x4_t *a = &acc->of[h * rows + r];
            *a = vfmaq_f32(*a, vcvtq_f32_s32(sum->of[h * rows + r]), scale);
        }
    }
}

TW_INLINE void add_minima(tile_sums *acc, const float *minima, const float *x_sum, int64_t x_stride,
                          const int quarters, const int rows) {
    TW_UNROLL for (int h = 0; h < quarters; h++) {
        const float32x4_t minimum = vld1q_f32(minima + 4 * h);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            float32x4_t *a = &acc->of[h * rows + r];
            *a = vfmaq_n_f32(*a, minimum, x_sum[r * x_stride]);
        }
    }
}

// Subtracts what the zero point of unsigned weights has added to the sums. `offset` holds it for each half block of
// activations; `halves` is the number of half blocks.
TW_INLINE void take_zero_point(const tw_format format, block_sums *sum, const int32_t *offset, int64_t stride,
                               const int halves, const int quarters, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const int32_t *at = offset + r * stride;
        const int32x4_t all = vdupq_n_s32(halves == 2 ? at[0] + at[1] : at[0]);
        const int32x4_t taken = zero_point(format) == 32 ? vshrq_n_s32(all, 2) : vshrq_n_s32(all, 3);
        TW_UNROLL for (int h = 0; h < quarters; h++) {
            sum->of[h * rows + r] = vaddq_s32(sum->of[h * rows + r], taken);
        }
    }
}

// `quarters` x 4 output rows of a panel, from quarter `first` on, for `rows` activation rows.
TW_INLINE void tile(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k, tw_quantised_rows x,
                    const int first, const int quarters, const int rows, row_sums sums) {
    const int64_t stride = k / TW_BLOCK;
    tile_sums acc;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) {
        const float *kept = sums.kept + i % rows * TW_PANEL + (first + i / rows) * 4;
        acc.of[i] = sums.is_first ? vdupq_n_f32(0) : vld1q_f32(kept);
    }
    for (int64_t b = 0; b < chunk.blocks; b++) {
        float own_scales[BLOCK_SCALES];
        uint8_t own_bytes[BYTE_BYTES];
        const float *scales = scales_of(format, place, chunk, b, own_scales) + 4 * first, *second = scales + TW_PANEL;
        const uint8_t *quants = quants_of(format, place, chunk, b, own_bytes) + 16 * first;
        const int8_t *q = x.q + b * TW_BLOCK;
        const int32_t *offset = x.offset + 2 * b;
        if (has_nibbles(format)) {
            const block_sums sum = u4_block(quants, q, k, quarters, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, stride, quarters, rows);
        } else if (has_half_scales(format)) {
            block_sums low = s8_block(quants, q, k, 4, quarters, rows);
            take_zero_point(format, &low, offset, 2 * stride, 1, quarters, rows);
            add_scaled(&acc, &low, scales, x.scale + b, stride, quarters, rows);
            block_sums high = s8_block(quants + 256, q + 16, k, 4, quarters, rows);
            take_zero_point(format, &high, offset + 1, 2 * stride, 1, quarters, rows);
            add_scaled(&acc, &high, second, x.scale + b, stride, quarters, rows);
        } else {
            block_sums sum = s8_block(quants, q, k, 8, quarters, rows);
            if (zero_point(format) > 0) take_zero_point(format, &sum, offset, 2 * stride, 2, quarters, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, stride, quarters, rows);
        }
        if (has_minima(format)) add_minima(&acc, second, x.scaled_sum + b, stride, quarters, rows);
    }
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) {
        const int r = i % rows, column = (first + i / rows) * 4;
        float *out = sums.is_last ? sums.y + r * sums.y_stride + column : sums.kept + r * TW_PANEL + column;
        const bool adds = sums.is_last && sums.accumulate;
        vst1q_f32(out, adds ? vaddq_f32(vld1q_f32(out), acc.of[i]) : acc.of[i]);
    }
}

// All output rows of a panel for `rows` activation rows, in tiles as large as the registers allow.
TW_INLINE void tiles(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k, tw_quantised_rows x,
                     const int rows, row_sums sums) {
    const int most = has_nibbles(format) ? MOST : TW_S8_SUMS, quarters = rows == 1 ? 4 : most / rows;
    TW_UNROLL for (int first = 0; first < 4; first += quarters) {
        const tile_place own = place == TILE_FIRST && first > 0 ? TILE_LATER : place;
        tile(format, own, chunk, k, x, first, quarters, rows, sums);
    }
}

TW_INLINE void tiles_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k,
                        tw_quantised_rows x, int rows, row_sums sums) {
    switch (rows) {
    case 4: tiles(format, place, chunk, k, x, 4, sums); break;
    case 2: tiles(format, place, chunk, k, x, 2, sums); break;
    default: tiles(format, place, chunk, k, x, 1, sums);
    }
}

TW_INLINE void chunk_rows(const tw_format format, panel_chunk chunk, int64_t k, tw_quantised_rows x, int64_t rows,
                          row_sums sums) {
    for (int64_t r = 0; r < rows;) {
        const int count = rows - r >= 4 ? 4 : rows - r >= 2 ? 2 : 1;
        const tw_quantised_rows own = from_row(x, r, k);
        if (rows == 1) tiles_of(format, TILE_ALONE, chunk, k, own, count, sums);
        else if (r == 0) tiles_of(format, TILE_FIRST, chunk, k, own, count, sums);
        else tiles_of(format, TILE_LATER, chunk, k, own, count, sums_from(sums, r));
        r += count;
    }
}

#endif
