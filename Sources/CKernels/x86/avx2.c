// Kernels for x86-64 processors with AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "x86.h"

// Headers that declare functions of other files stand above: the test for AVX2 itself must run anywhere.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TW_LINES 3
#define TW_F32_ROWS 6
#include "rows.h"
#include "../generic/float_kernels.h"

TW_QUANTISE_ROWS(quantise_block)

TW_INLINE __m256i four_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

// Sums of a tile: `halves` x 8 output rows (of the 16 of a panel) for `rows` activation rows; together at most 4, what
// sixteen registers hold beside the weights.
typedef struct {
    __m256i of[4];
} block_sums;
typedef struct {
    __m256 of[4];
} tile_sums;

TW_INLINE void add_scaled(tile_sums *acc, const block_sums *sum, const float *scales, const float *x_scale,
                          int64_t x_stride, const int halves, const int rows) {
    TW_UNROLL for (int h = 0; h < halves; h++) {
        const __m256 weight = _mm256_loadu_ps(scales + 8 * h);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            const __m256 scale = _mm256_mul_ps(weight, _mm256_set1_ps(x_scale[r * x_stride]));
            __m256 *a = &acc->of[h * rows + r];
            *a = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum->of[h * rows + r]), scale, *a);
        }
    }
}

TW_INLINE void add_minima(tile_sums *acc, const float *minima, const float *x_sum, int64_t x_stride, const int halves,
                          const int rows) {
    TW_UNROLL for (int h = 0; h < halves; h++) {
        const __m256 minimum = _mm256_loadu_ps(minima + 8 * h);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            __m256 *a = &acc->of[h * rows + r];
            *a = _mm256_fmadd_ps(minimum, _mm256_set1_ps(x_sum[r * x_stride]), *a);
        }
    }
}

// 4-bit weights: eight products of at most 15 * 127, in pairs, fit 16 bits, so that a block of 32 columns is summed in
// 16 bits and widened once.
TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int halves, const int rows) {
    const __m256i mask = _mm256_set1_epi8(15);
    block_sums sum;
    TW_UNROLL for (int i = 0; i < halves * rows; i++) sum.of[i] = _mm256_setzero_si256();
    TW_UNROLL for (int v = 0; v < 4; v++) {
        TW_UNROLL for (int h = 0; h < halves; h++) {
            const __m256i both = _mm256_loadu_si256((const __m256i *)(quants + v * 64 + h * 32));
            const __m256i low = _mm256_and_si256(both, mask);
            const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
            TW_UNROLL for (int r = 0; r < rows; r++) {
                __m256i *s = &sum.of[h * rows + r];
                *s = _mm256_add_epi16(*s, _mm256_maddubs_epi16(low, four_bytes(q + r * k + v * 8)));
                *s = _mm256_add_epi16(*s, _mm256_maddubs_epi16(high, four_bytes(q + r * k + v * 8 + 4)));
            }
        }
    }
    TW_UNROLL for (int i = 0; i < halves * rows; i++) {
        sum.of[i] = _mm256_madd_epi16(sum.of[i], _mm256_set1_epi16(1));
    }
    return sum;
}

// 8-bit weights, `groups` groups of 4 columns: |w| times the activation with w's sign keeps every pair of products
// inside 16 bits.
TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int groups, const int halves,
                              const int rows) {
    block_sums sum;
    TW_UNROLL for (int i = 0; i < halves * rows; i++) sum.of[i] = _mm256_setzero_si256();
    TW_UNROLL for (int v = 0; v < groups; v++) {
        TW_UNROLL for (int h = 0; h < halves; h++) {
            const __m256i w = _mm256_loadu_si256((const __m256i *)(quants + v * 64 + h * 32));
            const __m256i magnitude = _mm256_abs_epi8(w);
            TW_UNROLL for (int r = 0; r < rows; r++) {
                const __m256i x = _mm256_sign_epi8(four_bytes(q + r * k + v * 4), w);
                const __m256i pairs = _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, x), _mm256_set1_epi16(1));
                sum.of[h * rows + r] = _mm256_add_epi32(sum.of[h * rows + r], pairs);
            }
        }
    }
    return sum;
}

// `halves` x 8 output rows of a panel, from half `first` on, for `rows` activation rows.
TW_INLINE void tile(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int first,
                    const int halves, const int rows, fetch_plan fetch, float *y, int64_t y_stride,
                    bool accumulate) {
    const int64_t blocks = k / TW_BLOCK, header = header_bytes(format);
    tile_sums acc;
    TW_UNROLL for (int i = 0; i < halves * rows; i++) acc.of[i] = _mm256_setzero_ps();
    for (int64_t b = 0; b < blocks; b++, panel += block_bytes(format)) {
        const float *scales = (const float *)panel + 8 * first, *second = scales + TW_PANEL;
        const uint8_t *quants = panel + header + 32 * first;
        const int8_t *q = x.q + b * TW_BLOCK;
        for (int i = 0; i < fetch.lines; i++) TW_FETCH(panel + fetch.offset + i * 64);
        if (format == TW_FORMAT_U4) {
            const block_sums sum = u4_block(quants, q, k, halves, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, blocks, halves, rows);
        } else if (format == TW_FORMAT_S8_HALF) {
            const block_sums low = s8_block(quants, q, k, 4, halves, rows);
            add_scaled(&acc, &low, scales, x.scale + b, blocks, halves, rows);
            const block_sums high = s8_block(quants + 256, q + 16, k, 4, halves, rows);
            add_scaled(&acc, &high, second, x.scale + b, blocks, halves, rows);
        } else {
            const block_sums sum = s8_block(quants, q, k, 8, halves, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, blocks, halves, rows);
        }
        if (format == TW_FORMAT_U4 || format == TW_FORMAT_S8_MIN) {
            add_minima(&acc, second, x.scaled_sum + b, blocks, halves, rows);
        }
    }
    TW_UNROLL for (int h = 0; h < halves; h++) {
        TW_UNROLL for (int r = 0; r < rows; r++) {
            float *out = y + r * y_stride + (first + h) * 8;
            const __m256 sum = acc.of[h * rows + r];
            _mm256_storeu_ps(out, accumulate ? _mm256_add_ps(_mm256_loadu_ps(out), sum) : sum);
        }
    }
}

TW_INLINE void panel_rows(const tw_format format, const uint8_t *panel, int64_t panel_bytes, int64_t k,
                          tw_quantised_rows x, int64_t rows, float *y, int64_t y_stride, bool accumulate) {
    const fetch_plan none = {0, 0};
    // Four rows at a time, and of the last ones first two, with both halves of the panel, then one.
    const int64_t tiles = (rows + 3) / 4;
    for (int64_t t = 0; t < tiles; t++) {
        int64_t r = 4 * t;
        const fetch_plan fetch = fetch_share(format, panel_bytes, t, tiles);
        if (rows - r >= 4) {
            tile(format, panel, k, from_row(x, r, k), 0, 1, 4, fetch, y + r * y_stride, y_stride, accumulate);
            tile(format, panel, k, from_row(x, r, k), 1, 1, 4, none, y + r * y_stride, y_stride, accumulate);
            continue;
        }
        if (rows - r >= 2) {
            tile(format, panel, k, from_row(x, r, k), 0, 2, 2, fetch, y + r * y_stride, y_stride, accumulate);
            r += 2;
        }
        if (rows > r) tile(format, panel, k, from_row(x, r, k), 0, 2, 1, fetch, y + r * y_stride, y_stride, accumulate);
    }
}

#pragma clang attribute pop

bool tw_avx2_runs_here(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

const tw_kernels *tw_kernels_avx2(void) {
    static const tw_kernels kernels = {"avx2", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum, layer_norm, gelu,
                                       add_bias, attend_text};
    return &kernels;
}
#endif
