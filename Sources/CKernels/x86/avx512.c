// Kernels for x86-64 processors with AVX-512 (F, BW, DQ, VL) and VNNI. Of the floating-point ones, products are sixteen
// lanes wide; the others stay eight lanes wide and have twice as many registers as with AVX2.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "x86.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), \
                             apply_to = function)

#define TW_LINES 6
#define TW_F32_ROWS 12
#include "rows.h"
#include "../generic/float_kernels.h"

TW_QUANTISE_ROWS(quantise_block)

TW_INLINE __m512i four_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

// Sums of a tile: the 16 output rows of a panel for `rows` activation rows, at most 8.
enum { MOST = 8 };
typedef struct {
    __m512i of[MOST];
} block_sums;
typedef struct {
    __m512 of[MOST];
} tile_sums;

// One vector of unsigned weights against the same four activations of each row.
TW_INLINE void add_products(block_sums *sum, __m512i weights, const int8_t *q, int64_t k, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        sum->of[r] = _mm512_dpbusd_epi32(sum->of[r], weights, four_bytes(q + r * k));
    }
}

// With a row or two the products wait for one another: several sums share them then.
TW_INLINE void spread(block_sums part[4], const int parts, const int rows) {
    TW_UNROLL for (int i = 1; i < parts; i++) {
        TW_UNROLL for (int r = 0; r < rows; r++) part[0].of[r] = _mm512_add_epi32(part[0].of[r], part[i].of[r]);
    }
}

TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    const int parts = rows == 1 ? 4 : rows == 2 ? 2 : 1;
    const __m512i mask = _mm512_set1_epi8(15);
    block_sums part[4];
    TW_UNROLL for (int i = 0; i < parts; i++) {
        TW_UNROLL for (int r = 0; r < rows; r++) part[i].of[r] = _mm512_setzero_si512();
    }
    TW_UNROLL for (int v = 0; v < 4; v++) {
        const __m512i both = _mm512_loadu_si512(quants + v * 64);
        add_products(&part[v % parts], _mm512_and_si512(both, mask), q + v * 8, k, rows);
        add_products(&part[v % parts], _mm512_and_si512(_mm512_srli_epi16(both, 4), mask), q + v * 8 + 4, k, rows);
    }
    spread(part, parts, rows);
    return part[0];
}

// Signed weights, `groups` groups of 4 columns. The instruction wants one side unsigned: 128 is added to each weight,
// and the sums begin at what that adds, negated, which is known of each half block of activations.
TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int32_t *offset,
                              int64_t offset_stride, const int groups, const int rows) {
    const int parts = rows == 1 ? 4 : rows == 2 ? 2 : 1;
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    block_sums part[4];
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const int32_t *at = offset + r * offset_stride;
        part[0].of[r] = _mm512_set1_epi32(groups == 8 ? at[0] + at[1] : at[0]);
        TW_UNROLL for (int i = 1; i < parts; i++) part[i].of[r] = _mm512_setzero_si512();
    }
    TW_UNROLL for (int v = 0; v < groups; v++) {
        const __m512i w = _mm512_xor_si512(_mm512_loadu_si512(quants + v * 64), flip);
        add_products(&part[v % parts], w, q + v * 4, k, rows);
    }
    spread(part, parts, rows);
    return part[0];
}

TW_INLINE void add_scaled(tile_sums *acc, const block_sums *sum, const uint8_t *scales, const float *x_scale,
                          int64_t x_stride, const int rows) {
    const __m512 weight = _mm512_loadu_ps(scales);
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m512 scale = _mm512_mul_ps(weight, _mm512_set1_ps(x_scale[r * x_stride]));
        acc->of[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum->of[r]), scale, acc->of[r]);
    }
}

TW_INLINE void add_minima(tile_sums *acc, const uint8_t *minima, const float *x_sum, int64_t x_stride,
                          const int rows) {
    const __m512 minimum = _mm512_loadu_ps(minima);
    TW_UNROLL for (int r = 0; r < rows; r++) {
        acc->of[r] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(x_sum[r * x_stride]), acc->of[r]);
    }
}

TW_INLINE void tile(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int rows,
                    fetch_plan fetch, float *y, int64_t y_stride, bool accumulate) {
    const int64_t blocks = k / TW_BLOCK, header = header_bytes(format);
    tile_sums acc;
    TW_UNROLL for (int r = 0; r < rows; r++) acc.of[r] = _mm512_setzero_ps();
    for (int64_t b = 0; b < blocks; b++, panel += block_bytes(format)) {
        const uint8_t *quants = panel + header, *second = panel + 4 * TW_PANEL;
        const int8_t *q = x.q + b * TW_BLOCK;
        const int32_t *offset = x.offset + 2 * b;
        for (int i = 0; i < fetch.lines; i++) TW_FETCH(panel + fetch.offset + i * 64);
        if (format == TW_FORMAT_U4) {
            const block_sums sum = u4_block(quants, q, k, rows);
            add_scaled(&acc, &sum, panel, x.scale + b, blocks, rows);
        } else if (format == TW_FORMAT_S8_HALF) {
            const block_sums low = s8_block(quants, q, k, offset, 2 * blocks, 4, rows);
            add_scaled(&acc, &low, panel, x.scale + b, blocks, rows);
            const block_sums high = s8_block(quants + 256, q + 16, k, offset + 1, 2 * blocks, 4, rows);
            add_scaled(&acc, &high, second, x.scale + b, blocks, rows);
        } else {
            const block_sums sum = s8_block(quants, q, k, offset, 2 * blocks, 8, rows);
            add_scaled(&acc, &sum, panel, x.scale + b, blocks, rows);
        }
        if (format == TW_FORMAT_U4 || format == TW_FORMAT_S8_MIN) {
            add_minima(&acc, second, x.scaled_sum + b, blocks, rows);
        }
    }
    TW_UNROLL for (int r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        _mm512_storeu_ps(out, accumulate ? _mm512_add_ps(_mm512_loadu_ps(out), acc.of[r]) : acc.of[r]);
    }
}

TW_INLINE void tile_of(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, int rows,
                       fetch_plan fetch, float *y, int64_t y_stride, bool accumulate) {
    switch (rows) {
    case 8: tile(format, panel, k, x, 8, fetch, y, y_stride, accumulate); break;
    case 7: tile(format, panel, k, x, 7, fetch, y, y_stride, accumulate); break;
    case 6: tile(format, panel, k, x, 6, fetch, y, y_stride, accumulate); break;
    case 5: tile(format, panel, k, x, 5, fetch, y, y_stride, accumulate); break;
    case 4: tile(format, panel, k, x, 4, fetch, y, y_stride, accumulate); break;
    case 3: tile(format, panel, k, x, 3, fetch, y, y_stride, accumulate); break;
    case 2: tile(format, panel, k, x, 2, fetch, y, y_stride, accumulate); break;
    default: tile(format, panel, k, x, 1, fetch, y, y_stride, accumulate);
    }
}

TW_INLINE void panel_rows(const tw_format format, const uint8_t *panel, int64_t panel_bytes, int64_t k,
                          tw_quantised_rows x, int64_t rows, float *y, int64_t y_stride, bool accumulate) {
    // As many rows at a time as the registers hold, and the tiles alike.
    const int64_t tiles = (rows + MOST - 1) / MOST;
    for (int64_t t = 0; t < tiles; t++) {
        const int64_t r = rows * t / tiles, count = rows * (t + 1) / tiles - r;
        const fetch_plan fetch = fetch_share(format, panel_bytes, rows, t, tiles);
        tile_of(format, panel, k, from_row(x, r, k), (int)count, fetch, y + r * y_stride, y_stride, accumulate);
    }
}

#pragma clang attribute pop

bool tw_avx512_runs_here(void) {
    __builtin_cpu_init();
    return tw_avx2_runs_here() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vnni");
}

const tw_kernels *tw_kernels_avx512(void) {
    static const tw_kernels kernels = {"avx512", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum, layer_norm, gelu,
                                       add_bias, attend_text};
    return &kernels;
}
#endif
