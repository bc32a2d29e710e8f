// Products of quantised rows with packed panels, in steps that both kinds of ARM kernels share. The including file
// defines u4_block and s8_block, and TW_S8_SUMS: how many vectors of sums of 8-bit weights (4 output rows for 1
// activation row) it holds in registers, 4 or 8.
#ifndef TW_ARM_PANELS_H
#define TW_ARM_PANELS_H

#include <arm_neon.h>

#include "CKernels.h"
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

// The sums over a block of 32 columns of 4-bit weights. `quants` and `q` point to the block's.
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

// `quarters` x 4 output rows of a panel, from quarter `first` on, for `rows` activation rows.
TW_INLINE void tile(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int first,
                    const int quarters, const int rows, float *y, int64_t y_stride, bool accumulate) {
    const int64_t blocks = k / TW_BLOCK, header = header_bytes(format);
    tile_sums acc;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) acc.of[i] = vdupq_n_f32(0);
    for (int64_t b = 0; b < blocks; b++, panel += block_bytes(format)) {
        const float *scales = (const float *)panel + 4 * first, *second = scales + TW_PANEL;
        const uint8_t *quants = panel + header + 16 * first;
        const int8_t *q = x.q + b * TW_BLOCK;
        if (format == TW_FORMAT_U4) {
            const block_sums sum = u4_block(quants, q, k, quarters, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, blocks, quarters, rows);
        } else if (format == TW_FORMAT_S8_HALF) {
            const block_sums low = s8_block(quants, q, k, 4, quarters, rows);
            add_scaled(&acc, &low, scales, x.scale + b, blocks, quarters, rows);
            const block_sums high = s8_block(quants + 256, q + 16, k, 4, quarters, rows);
            add_scaled(&acc, &high, second, x.scale + b, blocks, quarters, rows);
        } else {
            const block_sums sum = s8_block(quants, q, k, 8, quarters, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, blocks, quarters, rows);
        }
        if (format == TW_FORMAT_U4 || format == TW_FORMAT_S8_MIN) {
            add_minima(&acc, second, x.scaled_sum + b, blocks, quarters, rows);
        }
    }
    TW_UNROLL for (int h = 0; h < quarters; h++) {
        TW_UNROLL for (int r = 0; r < rows; r++) {
            float *out = y + r * y_stride + (first + h) * 4;
            const float32x4_t sum = acc.of[h * rows + r];
            vst1q_f32(out, accumulate ? vaddq_f32(vld1q_f32(out), sum) : sum);
        }
    }
}

// All output rows of a panel for `rows` activation rows, in tiles as large as the registers allow.
TW_INLINE void tiles(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int rows,
                     float *y, int64_t y_stride, bool accumulate) {
    const int sums = format == TW_FORMAT_U4 ? MOST : TW_S8_SUMS, quarters = rows == 1 ? 4 : sums / rows;
    TW_UNROLL for (int first = 0; first < 4; first += quarters) {
        tile(format, panel, k, x, first, quarters, rows, y, y_stride, accumulate);
    }
}

TW_INLINE void panel_rows(const tw_format format, const uint8_t *panel, int64_t panel_bytes, int64_t k,
                          tw_quantised_rows x, int64_t rows, float *y, int64_t y_stride, bool accumulate) {
    (void)panel_bytes;
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        tiles(format, panel, k, from_row(x, r, k), 4, y + r * y_stride, y_stride, accumulate);
    }
    if (r + 2 <= rows) {
        tiles(format, panel, k, from_row(x, r, k), 2, y + r * y_stride, y_stride, accumulate);
        r += 2;
    }
    if (r < rows) tiles(format, panel, k, from_row(x, r, k), 1, y + r * y_stride, y_stride, accumulate);
}

#endif
