// Kernels for x86-64 processors with AVX-512 (F, BW, DQ, VL) and VNNI. Floating-point products are sixteen lanes wide;
// the other floating-point kernels stay eight lanes wide and have twice as many registers as with AVX2.
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
#define TW_LOAD_16_HALVES(p) (v16) _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p)))
#include "rows.h"

TW_INLINE __m512i four_bytes(const void *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

// The products of attention: the raised keys are the unsigned side, and so are a line's weights.
typedef __m512i byte_vector;
TW_INLINE byte_vector load_keys(const uint8_t *p) { return _mm512_loadu_si512(p); }
TW_INLINE byte_vector load_values(const uint8_t *p) { return _mm512_loadu_si512(p); }
enum { KEYS_STAY_RAISED = 1, WEIGHTS_ARE_SIGNED = 0 };
TW_INLINE v16i add_keys(v16i sum, byte_vector keys, const int8_t *q) {
    return (v16i)_mm512_dpbusd_epi32((__m512i)sum, keys, four_bytes(q));
}
TW_INLINE v16i add_values(v16i sum, byte_vector values, const int8_t *weights) {
    return (v16i)_mm512_dpbusd_epi32((__m512i)sum, four_bytes(weights), values);
}
#include "../generic/float_kernels.h"

TW_QUANTISE_ROWS(quantise_block)

// Sums of a tile: the 16 output rows of a panel for `rows` activation rows, at most 8.
enum { MOST = 8 };
typedef struct {
    __m512i of[MOST];
} block_sums;
typedef struct {
    __m512 of[MOST];
} tile_sums;

// Adds the products of one vector of unsigned weights with the same four activations of each row.
TW_INLINE void add_products(block_sums *sum, __m512i weights, const int8_t *q, int64_t k, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        sum->of[r] = _mm512_dpbusd_epi32(sum->of[r], weights, four_bytes(q + r * k));
    }
}

// With one or two rows each product would wait for the one before it, so the products are spread over several partial
// sums. This adds the partial sums up.
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

// Whether weights are used 128 above their value: the instruction wants one side unsigned.
TW_INLINE bool is_raised(const tw_format format) { return high_bits(format) == 0 || zero_point(format) > 0; }

// The weights of a group of four columns, unsigned. Weights of five and six bits are left in memory for the later
// tiles.
TW_INLINE __m512i weights_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t b,
                             const int group) {
    const uint8_t *packed = block_at(format, chunk.packed, b).quants;
    if (high_bits(format) == 0) {
        return _mm512_xor_si512(_mm512_loadu_si512(packed + group * 64), _mm512_set1_epi8((char)0x80));
    }
    uint8_t *bytes = chunk.bytes + b * BYTE_BYTES + group * 64;
    if (place == TILE_LATER) return _mm512_loadu_si512(bytes);
    __m512i w = (__m512i)group_quants(format, packed, group);
    if (is_raised(format)) w = _mm512_add_epi8(w, _mm512_set1_epi8((char)(128 - zero_point(format))));
    if (place == TILE_FIRST) _mm512_storeu_si512(bytes, w);
    return w;
}

// `groups` groups of 4 columns, from `first` on, of weights of more than four bits. Sums begin at the negated
// contribution of the 128, which `offset` holds for each half block of activations.
TW_INLINE block_sums byte_block(const tw_format format, const tile_place place, panel_chunk chunk, int64_t b,
                                tw_quantised_rows x, int64_t k, const int first, const int groups, const int rows) {
    const int parts = rows == 1 ? 4 : rows == 2 ? 2 : 1;
    const int8_t *q = x.q + b * TW_BLOCK;
    block_sums part[4];
    TW_UNROLL for (int r = 0; r < rows; r++) {
        TW_UNROLL for (int i = 0; i < parts; i++) part[i].of[r] = _mm512_setzero_si512();
        const int32_t *at = x.offset + r * (k / 16) + 2 * b + first / 4;
        if (is_raised(format)) part[0].of[r] = _mm512_set1_epi32(groups == 8 ? at[0] + at[1] : at[0]);
    }
    TW_UNROLL for (int v = first; v < first + groups; v++) {
        add_products(&part[v % parts], weights_of(format, place, chunk, b, v), q + v * 4, k, rows);
    }
    spread(part, parts, rows);
    return part[0];
}

// Returns the scales in registers: loading them right after the store would have to wait for it.
TW_INLINE block_scales scales_at(const tw_format format, const tile_place place, panel_chunk chunk, int64_t b) {
    float *left = chunk.scales + b * BLOCK_SCALES;
    if (place == TILE_LATER) return (block_scales){v16_load(left), v16_load(left + TW_PANEL)};
    const block_scales scales = expand_scales(format, block_at(format, chunk.packed, b));
    if (place == TILE_FIRST) store_scales(format, scales, left);
    return scales;
}

TW_INLINE void add_scaled(tile_sums *acc, const block_sums *sum, v16 weight, const float *x_scale, int64_t x_stride,
                          const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m512 scale = _mm512_mul_ps((__m512)weight, _mm512_set1_ps(x_scale[r * x_stride]));
        acc->of[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum->of[r]), scale, acc->of[r]);
    }
}

TW_INLINE void add_minima(tile_sums *acc, v16 minimum, const float *x_sum, int64_t x_stride, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        acc->of[r] = _mm512_fmadd_ps((__m512)minimum, _mm512_set1_ps(x_sum[r * x_stride]), acc->of[r]);
    }
}

TW_INLINE void tile(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k, tw_quantised_rows x,
                    const int rows, fetch_plan fetch, row_sums sums) {
    const int64_t stride = k / TW_BLOCK;
    tile_sums acc;
    TW_UNROLL for (int r = 0; r < rows; r++) {
        acc.of[r] = sums.is_first ? _mm512_setzero_ps() : _mm512_loadu_ps(sums.kept + r * TW_PANEL);
    }
    for (int64_t b = 0; b < chunk.blocks; b++) {
        const block_scales scales = scales_at(format, place, chunk, b);
        fetch_ahead(&fetch);
        if (has_nibbles(format)) {
            const block_sums sum = u4_block(block_at(format, chunk.packed, b).quants, x.q + b * TW_BLOCK, k, rows);
            add_scaled(&acc, &sum, scales.first, x.scale + b, stride, rows);
        } else if (has_half_scales(format)) {
            const block_sums low = byte_block(format, place, chunk, b, x, k, 0, 4, rows);
            add_scaled(&acc, &low, scales.first, x.scale + b, stride, rows);
            const block_sums high = byte_block(format, place, chunk, b, x, k, 4, 4, rows);
            add_scaled(&acc, &high, scales.second, x.scale + b, stride, rows);
        } else {
            const block_sums sum = byte_block(format, place, chunk, b, x, k, 0, 8, rows);
            add_scaled(&acc, &sum, scales.first, x.scale + b, stride, rows);
        }
        if (has_minima(format)) add_minima(&acc, scales.second, x.scaled_sum + b, stride, rows);
    }
    TW_UNROLL for (int r = 0; r < rows; r++) {
        float *out = sums.is_last ? sums.y + r * sums.y_stride : sums.kept + r * TW_PANEL;
        const bool adds = sums.is_last && sums.accumulate;
        _mm512_storeu_ps(out, adds ? _mm512_add_ps(_mm512_loadu_ps(out), acc.of[r]) : acc.of[r]);
    }
}

TW_INLINE void tile_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k,
                       tw_quantised_rows x, uint32_t rows, fetch_plan fetch, row_sums sums) {
    switch (rows) {
    case 8: tile(format, place, chunk, k, x, 8, fetch, sums); break;
    case 7: tile(format, place, chunk, k, x, 7, fetch, sums); break;
    case 6: tile(format, place, chunk, k, x, 6, fetch, sums); break;
    case 5: tile(format, place, chunk, k, x, 5, fetch, sums); break;
    case 4: tile(format, place, chunk, k, x, 4, fetch, sums); break;
    case 3: tile(format, place, chunk, k, x, 3, fetch, sums); break;
    case 2: tile(format, place, chunk, k, x, 2, fetch, sums); break;
    default: tile(format, place, chunk, k, x, 1, fetch, sums);
    }
}

TW_INLINE void chunk_rows(const tw_format format, panel_chunk chunk, int64_t k, tw_quantised_rows x, int64_t rows,
                          row_sums sums) {
    const tile_plan plan = plan_tiles(format, chunk, rows, MOST);
    for (uint32_t t = 0, r = 0; t < plan.count; t++) {
        const uint32_t own = plan.rows + (t < plan.higher);
        const tw_quantised_rows x_own = from_row(x, r, k);
        const row_sums out = sums_from(sums, r);
        const uint8_t *next = chunk.next + t * plan.step * chunk.blocks;
        const fetch_plan fetch = {next, next, plan.step};
        if (plan.count == 1) tile_of(format, TILE_ALONE, chunk, k, x_own, own, fetch, out);
        else if (t == 0) tile_of(format, TILE_FIRST, chunk, k, x_own, own, fetch, out);
        else tile_of(format, TILE_LATER, chunk, k, x_own, own, fetch, out);
        r += own;
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
