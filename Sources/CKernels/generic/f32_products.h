// Products with f32 activations, written once and compiled for each kind of processor.
#ifndef TW_F32_PRODUCTS_H
#define TW_F32_PRODUCTS_H

#include "CKernels.h"
#include "expand.h"
#include "lanes.h"
#include "packed_layout.h"

// y[r][0...15] (+)= x[r] . panel, of one panel [k][16] and up to TW_F32_ROWS rows.
TW_INLINE void f32_tile(const float *panel, int64_t k, const float *x, int64_t x_stride, const int rows, float *y,
                        int64_t y_stride, bool accumulate) {
    v16 sum[TW_F32_ROWS];
    TW_UNROLL for (int r = 0; r < rows; r++) sum[r] = v16_set(0);
    for (int64_t c = 0; c < k; c++) {
        const v16 w = v16_load(panel + c * TW_PANEL);
        TW_UNROLL for (int r = 0; r < rows; r++) sum[r] = v16_fma(v16_set(x[r * x_stride + c]), w, sum[r]);
    }
    TW_UNROLL for (int r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        v16_store(out, accumulate ? v16_load(out) + sum[r] : sum[r]);
    }
}

// `f32_tile` for any number of rows.
TW_INLINE void f32_panel(const float *panel, int64_t k, const float *x, int64_t x_stride, int64_t m, float *y,
                         int64_t y_stride, bool accumulate) {
    int64_t r = 0;
    for (; r + TW_F32_ROWS <= m; r += TW_F32_ROWS) {
        f32_tile(panel, k, x + r * x_stride, x_stride, TW_F32_ROWS, y + r * y_stride, y_stride, accumulate);
    }
    for (; r + 6 <= m; r += 6) {
        f32_tile(panel, k, x + r * x_stride, x_stride, 6, y + r * y_stride, y_stride, accumulate);
    }
    for (; r + 3 <= m; r += 3) {
        f32_tile(panel, k, x + r * x_stride, x_stride, 3, y + r * y_stride, y_stride, accumulate);
    }
    for (; r < m; r++) f32_tile(panel, k, x + r * x_stride, x_stride, 1, y + r * y_stride, y_stride, accumulate);
}

// Expands a block of a packed panel to f32 [32][16].
TW_INLINE void expand_block(const tw_format format, packed_block block, float *out) {
    const uint8_t *quants = block.quants;
    float scales[BLOCK_SCALES];
    store_scales(format, expand_scales(format, block), scales);
    uint8_t bytes[BYTE_BYTES];
    if (high_bits(format) > 0) {
        expand_quants(format, quants, bytes);
        quants = bytes;
    }
    for (int c = 0; c < TW_BLOCK; c++) {
        const int group = c / 4;
        const uint8_t *at = quants + (has_nibbles(format) ? group / 2 : group) * 4 * TW_PANEL + c % 4;
        for (int r = 0; r < TW_PANEL; r += 8) {
            v8i quant;
            for (int i = 0; i < 8; i++) {
                const uint8_t byte = at[(r + i) * 4];
                const int q = has_nibbles(format) ? (group & 1 ? byte >> 4 : byte & 15) : (int8_t)byte;
                quant[i] = q - zero_point(format);
            }
            const bool is_second = has_half_scales(format) && c >= 16;
            const v8 scale = v8_load(scales + (is_second ? TW_PANEL : 0) + r);
            const v8 value = scale * __builtin_convertvector(quant, v8);
            v8_store(out + c * TW_PANEL + r,
                     has_minima(format) ? value + v8_load(scales + TW_PANEL + r) : value);
        }
    }
}

// Expands a packed panel to f32 [k][16].
static void expand_panel(tw_format format, const uint8_t *panel, int64_t k, float *out) {
    for (int64_t b = 0; b < k / TW_BLOCK; b++) {
        expand_block(format, block_at(format, panel, b), out + b * TW_BLOCK * TW_PANEL);
    }
}

static void gemm_f32(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k, const float *x,
                     int64_t m, float *y, int64_t y_stride, bool accumulate, float *scratch) {
    for (int64_t p = begin; p < end; p++) {
        const float *panel = (const float *)((const uint8_t *)panels + p * tw_panel_bytes(format, k));
        if (format != TW_FORMAT_F32) {
            expand_panel(format, (const uint8_t *)panel, k, scratch);
            panel = scratch;
        }
        f32_panel(panel, k, x, k, m, y + p * TW_PANEL, y_stride, accumulate);
    }
}

#endif
