// Kernels for x86-64 processors with AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "avx2.h"

// Headers that declare functions of other files stand above: the test for AVX2 itself must run anywhere.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "../generic/lanes.h"

TW_INLINE v8 load_half(const uint16_t *p) { return (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
TW_INLINE void store_half(uint16_t *p, v8 x) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph((__m256)x, _MM_FROUND_TO_NEAREST_INT));
}
#define TW_LOAD_HALF load_half
#define TW_STORE_HALF store_half
#include "../generic/float_kernels.h"

static void quantise_rows(const float *x, int64_t m, int64_t k, int8_t *q, float *scale, float *scaled_sum) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // undoes the packs' interleaving of halves
    for (int64_t b = 0; b < m * (k / TW_BLOCK); b++, x += TW_BLOCK, q += TW_BLOCK) {
        __m256 v[4];
        __m256 high = _mm256_setzero_ps();
        for (int i = 0; i < 4; i++) {
            v[i] = _mm256_loadu_ps(x + 8 * i);
            high = _mm256_max_ps(_mm256_andnot_ps(sign, v[i]), high);
        }
        const float highest = v8_highest((v8)high);
        const float inverse = highest > TW_NEGLIGIBLE ? 127.0f / highest : 0;
        __m256i n[4];
        for (int i = 0; i < 4; i++) {
            const __m256 t = _mm256_mul_ps(v[i], _mm256_set1_ps(inverse));
            n[i] = _mm256_cvtps_epi32(_mm256_and_ps(t, _mm256_cmp_ps(t, t, _CMP_ORD_Q)));  // NaN counts as 0
        }
        const __m256i low = _mm256_packs_epi32(n[0], n[1]), up = _mm256_packs_epi32(n[2], n[3]);
        const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, up), order);
        _mm256_storeu_si256((__m256i *)q, bytes);
        const __m256i lanes = _mm256_add_epi32(_mm256_add_epi32(n[0], n[1]), _mm256_add_epi32(n[2], n[3]));
        int32_t parts[8], sum = 0;
        _mm256_storeu_si256((__m256i *)parts, lanes);
        for (int i = 0; i < 8; i++) sum += parts[i];
        scale[b] = highest / 127.0f;
        scaled_sum[b] = scale[b] * (float)sum;
    }
}

TW_INLINE __m256i four_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

TW_INLINE __m256 scaled(__m256i sum, __m256 weight_scale, const float *scale, __m256 acc) {
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_mul_ps(weight_scale, _mm256_set1_ps(*scale)), acc);
}

TW_INLINE void store_tile(const __m256 *acc, const int rows, float *y, int64_t y_stride, bool accumulate) {
    for (int r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        _mm256_storeu_ps(out, accumulate ? _mm256_add_ps(_mm256_loadu_ps(out), acc[r]) : acc[r]);
    }
}

// 4-bit weights: eight products of at most 15 * 127, in pairs, fit 16 bits, so that a block of 32 columns is summed in
// 16 bits and widened once.
TW_INLINE void u4_tile(const uint8_t *panel, int64_t k, tw_quantised_rows x, const int rows, float *y, int64_t y_stride,
                       bool accumulate) {
    const __m256i mask = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    const int64_t blocks = k / TW_BLOCK;
    __m256 acc[4];
    for (int r = 0; r < rows; r++) acc[r] = _mm256_setzero_ps();
    for (int64_t b = 0; b < blocks; b++, panel += 192) {
        __m256i sum[4];
        for (int r = 0; r < rows; r++) sum[r] = _mm256_setzero_si256();
        for (int v = 0; v < 4; v++) {
            const __m256i both = _mm256_loadu_si256((const __m256i *)(panel + 64 + v * 32));
            const __m256i low = _mm256_and_si256(both, mask);
            const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
            for (int r = 0; r < rows; r++) {
                const int8_t *q = x.q + r * k + b * TW_BLOCK + v * 8;
                sum[r] = _mm256_add_epi16(sum[r], _mm256_maddubs_epi16(low, four_bytes(q)));
                sum[r] = _mm256_add_epi16(sum[r], _mm256_maddubs_epi16(high, four_bytes(q + 4)));
            }
        }
        const __m256 weight_scale = _mm256_loadu_ps((const float *)panel);
        const __m256 minimum = _mm256_loadu_ps((const float *)panel + TW_PANEL);
        for (int r = 0; r < rows; r++) {
            acc[r] = scaled(_mm256_madd_epi16(sum[r], ones), weight_scale, x.scale + r * blocks + b, acc[r]);
            acc[r] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(x.scaled_sum[r * blocks + b]), acc[r]);
        }
    }
    store_tile(acc, rows, y, y_stride, accumulate);
}

// 8-bit weights: |w| times the activation with w's sign keeps every pair of products inside 16 bits.
TW_INLINE void s8_tile(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int rows,
                       float *y, int64_t y_stride, bool accumulate) {
    const __m256i ones = _mm256_set1_epi16(1);
    const int64_t blocks = k / TW_BLOCK;
    const int header = format == TW_FORMAT_S8 ? 32 : 64;
    __m256 acc[4];
    for (int r = 0; r < rows; r++) acc[r] = _mm256_setzero_ps();
    for (int64_t b = 0; b < blocks; b++, panel += header + 256) {
        __m256i sum[4];
        for (int half = 0; half < 2; half++) {
            if (half == 0 || format == TW_FORMAT_S8_HALF) {
                for (int r = 0; r < rows; r++) sum[r] = _mm256_setzero_si256();
            }
            for (int v = half * 4; v < half * 4 + 4; v++) {
                const __m256i w = _mm256_loadu_si256((const __m256i *)(panel + header + v * 32));
                const __m256i magnitude = _mm256_abs_epi8(w);
                for (int r = 0; r < rows; r++) {
                    const __m256i q = _mm256_sign_epi8(four_bytes(x.q + r * k + b * TW_BLOCK + v * 4), w);
                    const __m256i pairs = _mm256_maddubs_epi16(magnitude, q);
                    sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(pairs, ones));
                }
            }
            if (half == 1 || format == TW_FORMAT_S8_HALF) {
                const float *scales = (const float *)panel + (format == TW_FORMAT_S8_HALF ? half * TW_PANEL : 0);
                const __m256 weight_scale = _mm256_loadu_ps(scales);
                for (int r = 0; r < rows; r++) {
                    acc[r] = scaled(sum[r], weight_scale, x.scale + r * blocks + b, acc[r]);
                }
            }
        }
        if (format == TW_FORMAT_S8_MIN) {
            const __m256 minimum = _mm256_loadu_ps((const float *)panel + TW_PANEL);
            for (int r = 0; r < rows; r++) {
                acc[r] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(x.scaled_sum[r * blocks + b]), acc[r]);
            }
        }
    }
    store_tile(acc, rows, y, y_stride, accumulate);
}

TW_INLINE void tile(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, const int rows,
                    float *y, int64_t y_stride, bool accumulate) {
    if (format == TW_FORMAT_U4) {
        u4_tile(panel, k, x, rows, y, y_stride, accumulate);
    } else {
        s8_tile(format, panel, k, x, rows, y, y_stride, accumulate);
    }
}

TW_INLINE tw_quantised_rows from_row(tw_quantised_rows x, int64_t row, int64_t k) {
    const int64_t blocks = k / TW_BLOCK;
    return (tw_quantised_rows){x.q + row * k, x.scale + row * blocks, x.scaled_sum + row * blocks};
}

TW_INLINE void panels_of(const tw_format format, const uint8_t *panels, int64_t begin, int64_t end, int64_t k,
                         tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    // Rows in blocks that stay in the second-level cache while the panels stream past them.
    enum { ROWS = 64 };
    const int64_t bytes = tw_panel_bytes(format, k);
    for (int64_t top = 0; top < m; top += ROWS) {
        const int64_t bottom = top + ROWS < m ? top + ROWS : m;
        for (int64_t p = begin; p < end; p++) {
            const uint8_t *panel = panels + p * bytes;
            float *out = y + p * TW_PANEL;
            int64_t r = top;
            for (; r + 4 <= bottom; r += 4) {
                tile(format, panel, k, from_row(x, r, k), 4, out + r * y_stride, y_stride, accumulate);
            }
            switch (bottom - r) {
            case 3: tile(format, panel, k, from_row(x, r, k), 3, out + r * y_stride, y_stride, accumulate); break;
            case 2: tile(format, panel, k, from_row(x, r, k), 2, out + r * y_stride, y_stride, accumulate); break;
            case 1: tile(format, panel, k, from_row(x, r, k), 1, out + r * y_stride, y_stride, accumulate); break;
            default: break;
            }
        }
    }
}

static void gemm_quantised(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                           tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    switch (format) {
    case TW_FORMAT_U4: panels_of(TW_FORMAT_U4, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8: panels_of(TW_FORMAT_S8, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8_MIN: panels_of(TW_FORMAT_S8_MIN, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8_HALF: panels_of(TW_FORMAT_S8_HALF, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_F32: break;
    }
}

#pragma clang attribute pop

bool tw_avx2_runs_here(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

const tw_kernels *tw_kernels_avx2(void) {
    static const tw_kernels kernels = {"avx2", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum};
    return &kernels;
}
#endif
