// Kernels for x86-64 processors with AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "x86.h"

// Headers that declare functions of other files are included above: the test for AVX2 itself must run on any processor.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TW_LINES 3
#define TW_F32_ROWS 6
#include "rows.h"

TW_INLINE __m256i four_bytes(const void *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

// The products of attention, in halves of eight lanes. A product is a stored byte's absolute value times the other byte
// with the stored byte's sign; the sum of two, at most 128 * 127 each, fits 16 bits.
typedef struct {
    __m256i low, high;
} byte_vector;
TW_INLINE byte_vector load_values(const uint8_t *p) {
    return (byte_vector){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}
TW_INLINE byte_vector load_keys(const uint8_t *p) {
    const byte_vector raised = load_values(p);
    const __m256i top = _mm256_set1_epi8((char)0x80);
    return (byte_vector){_mm256_xor_si256(raised.low, top), _mm256_xor_si256(raised.high, top)};
}
enum { KEYS_STAY_RAISED = 0, WEIGHTS_ARE_SIGNED = 1 };
TW_INLINE v16i add_products(v16i sum, __m256i low, __m256i high) {
    const __m256i ones = _mm256_set1_epi16(1);
    const v8i a = (v8i)_mm256_madd_epi16(low, ones), b = (v8i)_mm256_madd_epi16(high, ones);
    return sum + __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
TW_INLINE v16i add_keys(v16i sum, byte_vector keys, const int8_t *q) {
    const __m256i x = four_bytes(q);
    return add_products(sum, _mm256_maddubs_epi16(_mm256_abs_epi8(keys.low), _mm256_sign_epi8(x, keys.low)),
                        _mm256_maddubs_epi16(_mm256_abs_epi8(keys.high), _mm256_sign_epi8(x, keys.high)));
}
TW_INLINE v16i add_values(v16i sum, byte_vector values, const int8_t *weights) {
    return add_keys(sum, values, weights);
}
#include "../generic/float_kernels.h"

TW_QUANTISE_ROWS(quantise_block)

// The most rows of a tile. A tile has both halves of a panel's sixteen output rows, so each activation that is loaded
// into a register is multiplied twice.
enum { MOST = 4 };

// Sums of a tile, [row][half of the panel].
typedef struct {
    __m256i of[2 * MOST];
} block_sums;
typedef struct {
    __m256 of[2 * MOST];
} tile_sums;

// Sixteen registers hold the sums of a block, weights and activations, and nothing else. Left alone, the compiler
// reorders sums until it must spill registers in the innermost loop: TW_SUMMED keeps the sums of a row in their place,
// and TW_IN_MEMORY keeps in memory what is needed once a block. Neither costs an instruction.
#define TW_SUMMED(low, high) __asm__ volatile("" : "+x"(low), "+x"(high))
#define TW_IN_MEMORY(sums) __asm__ volatile("" : "+m"(sums))
// Whether a tile has so many rows that registers would spill: tiles of one or two rows have enough registers.
TW_INLINE bool are_many(const int rows) { return rows > 2; }

TW_INLINE block_sums no_sums(const int rows) {
    block_sums sum;
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) sum.of[i] = _mm256_setzero_si256();
    return sum;
}

// Adds pairs of 16-bit sums into 32-bit lanes: four columns a lane.
TW_INLINE void widen(block_sums *sum, const int rows) {
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) {
        sum->of[i] = _mm256_madd_epi16(sum->of[i], _mm256_set1_epi16(1));
    }
}

TW_INLINE __m256i quants_at(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

// Adds, in 16 bits, the products of unsigned weights with four columns of each row.
TW_INLINE void add_unsigned(block_sums *sum, __m256i low, __m256i high, const int8_t *q, int64_t k, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m256i x = four_bytes(q + r * k);
        __m256i *s = &sum->of[2 * r];
        s[0] = _mm256_add_epi16(s[0], _mm256_maddubs_epi16(low, x));
        s[1] = _mm256_add_epi16(s[1], _mm256_maddubs_epi16(high, x));
        TW_SUMMED(s[0], s[1]);
    }
}

// x with the sign of w where w is not 0. The single instruction for this shares two ports with the multiplications,
// which eight-bit weights keep busy: with `evades` the function uses three instructions that run on any port.
TW_INLINE __m256i with_sign(__m256i x, __m256i w, const bool evades) {
    const __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), w);
    return evades ? _mm256_sub_epi8(_mm256_xor_si256(x, negative), negative) : _mm256_sign_epi8(x, w);
}

// Adds the products of signed weights: a weight's absolute value times the activation with the weight's sign. Two such
// products fill 16 bits, so they are widened at once. `evades` for half of the weights keeps all ports busy.
TW_INLINE void add_signed(block_sums *sum, const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    const __m256i ones = _mm256_set1_epi16(1);
    const __m256i low = quants_at(quants), high = quants_at(quants + 32);
    const __m256i low_size = _mm256_abs_epi8(low), high_size = _mm256_abs_epi8(high);
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m256i x = four_bytes(q + r * k);
        const __m256i first = _mm256_maddubs_epi16(low_size, with_sign(x, low, false));
        const __m256i second = _mm256_maddubs_epi16(high_size, with_sign(x, high, true));
        __m256i *s = &sum->of[2 * r];
        s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(first, ones));
        s[1] = _mm256_add_epi32(s[1], _mm256_madd_epi16(second, ones));
        TW_SUMMED(s[0], s[1]);
    }
}

// 4-bit weights: the sum of a lane's sixteen products, at most 15 * 127 each, fits 16 bits, so a block of 32 columns is
// widened once.
TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    const __m256i mask = _mm256_set1_epi8(15);
    block_sums sum = no_sums(rows);
    TW_UNROLL for (int v = 0; v < 4; v++) {
        const __m256i low = quants_at(quants + v * 64), high = quants_at(quants + v * 64 + 32);
        const __m256i low_rest = _mm256_srli_epi16(low, 4), high_rest = _mm256_srli_epi16(high, 4);
        add_unsigned(&sum, _mm256_and_si256(low, mask), _mm256_and_si256(high, mask), q + v * 8, k, rows);
        add_unsigned(&sum, _mm256_and_si256(low_rest, mask), _mm256_and_si256(high_rest, mask), q + v * 8 + 4, k,
                     rows);
    }
    widen(&sum, rows);
    return sum;
}

// 16 columns of weights of 0...31 (Q5_1, Q5_K): the sum of a lane's eight products fits 16 bits.
TW_INLINE block_sums u5_half(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    block_sums sum = no_sums(rows);
    TW_UNROLL for (int v = 0; v < 4; v++) {
        add_unsigned(&sum, quants_at(quants + v * 64), quants_at(quants + v * 64 + 32), q + v * 4, k, rows);
    }
    widen(&sum, rows);
    return sum;
}

TW_INLINE block_sums u5_block(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    const block_sums half = u5_half(quants, q, k, rows);
    block_sums first;
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) first.of[i] = half.of[i];
    if (are_many(rows)) TW_IN_MEMORY(first);
    block_sums sum = u5_half(quants + 256, q + 16, k, rows);
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) sum.of[i] = _mm256_add_epi32(sum.of[i], first.of[i]);
    return sum;
}

// 16 columns of weights of 0...63 (Q6_K): the sum of a lane's four products over 8 columns fits 16 bits.
TW_INLINE block_sums u6_half(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    const __m256i ones = _mm256_set1_epi16(1);
    block_sums sum = no_sums(rows);
    TW_UNROLL for (int v = 0; v < 4; v += 2) {
        const uint8_t *at = quants + v * 64;
        const __m256i low = quants_at(at), high = quants_at(at + 32);
        const __m256i low_next = quants_at(at + 64), high_next = quants_at(at + 96);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            const __m256i x = four_bytes(q + r * k + v * 4), next = four_bytes(q + r * k + v * 4 + 4);
            const __m256i first = _mm256_add_epi16(_mm256_maddubs_epi16(low, x), _mm256_maddubs_epi16(low_next, next));
            const __m256i second =
                _mm256_add_epi16(_mm256_maddubs_epi16(high, x), _mm256_maddubs_epi16(high_next, next));
            __m256i *s = &sum.of[2 * r];
            s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(first, ones));
            s[1] = _mm256_add_epi32(s[1], _mm256_madd_epi16(second, ones));
            TW_SUMMED(s[0], s[1]);
        }
    }
    return sum;
}

// Subtracts what the zero point of unsigned weights has added to the sums. `offset` holds it for each half block of
// activations; `halves` is the number of half blocks.
TW_INLINE void take_zero_point(const tw_format format, block_sums *sum, const int32_t *offset, int64_t stride,
                               const int halves, const int rows) {
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const int32_t *at = offset + r * stride;
        const __m256i all = _mm256_set1_epi32(halves == 2 ? at[0] + at[1] : at[0]);
        const __m256i taken = _mm256_srai_epi32(all, zero_point(format) == 32 ? 2 : 3);
        sum->of[2 * r] = _mm256_add_epi32(sum->of[2 * r], taken);
        sum->of[2 * r + 1] = _mm256_add_epi32(sum->of[2 * r + 1], taken);
    }
}

TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int rows) {
    block_sums sum = no_sums(rows);
    TW_UNROLL for (int v = 0; v < 8; v++) add_signed(&sum, quants + v * 64, q + v * 4, k, rows);
    return sum;
}

TW_INLINE void add_scaled(tile_sums *acc, const block_sums *sum, const float *scales, const float *x_scale,
                          int64_t x_stride, const int rows) {
    const __m256 low = _mm256_loadu_ps(scales), high = _mm256_loadu_ps(scales + 8);
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m256 x = _mm256_set1_ps(x_scale[r * x_stride]);
        __m256 *a = &acc->of[2 * r];
        a[0] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum->of[2 * r]), _mm256_mul_ps(low, x), a[0]);
        a[1] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum->of[2 * r + 1]), _mm256_mul_ps(high, x), a[1]);
    }
}

TW_INLINE void add_minima(tile_sums *acc, const float *minima, const float *x_sum, int64_t x_stride, const int rows) {
    const __m256 low = _mm256_loadu_ps(minima), high = _mm256_loadu_ps(minima + 8);
    TW_UNROLL for (int r = 0; r < rows; r++) {
        const __m256 x = _mm256_set1_ps(x_sum[r * x_stride]);
        __m256 *a = &acc->of[2 * r];
        a[0] = _mm256_fmadd_ps(low, x, a[0]);
        a[1] = _mm256_fmadd_ps(high, x, a[1]);
    }
}

TW_INLINE void tile(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k, tw_quantised_rows x,
                    const int rows, fetch_plan fetch, row_sums sums) {
    const int64_t stride = k / TW_BLOCK;
    tile_sums acc;
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) {
        acc.of[i] = sums.is_first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums.kept + 8 * i);
    }
    for (int64_t b = 0; b < chunk.blocks; b++) {
        float own_scales[BLOCK_SCALES];
        uint8_t own_bytes[BYTE_BYTES];
        const float *scales = scales_of(format, place, chunk, b, own_scales), *second = scales + TW_PANEL;
        const uint8_t *quants = quants_of(format, place, chunk, b, own_bytes);
        const int8_t *q = x.q + b * TW_BLOCK;
        fetch_ahead(&fetch);
        if (are_many(rows)) TW_IN_MEMORY(acc);
        if (has_half_scales(format)) {
            block_sums low = u6_half(quants, q, k, rows);
            take_zero_point(format, &low, x.offset + 2 * b, 2 * stride, 1, rows);
            add_scaled(&acc, &low, scales, x.scale + b, stride, rows);
            block_sums high = u6_half(quants + 256, q + 16, k, rows);
            take_zero_point(format, &high, x.offset + 2 * b + 1, 2 * stride, 1, rows);
            add_scaled(&acc, &high, second, x.scale + b, stride, rows);
        } else {
            block_sums sum = has_nibbles(format)      ? u4_block(quants, q, k, rows)
                             : high_bits(format) == 1 ? u5_block(quants, q, k, rows)
                                                      : s8_block(quants, q, k, rows);
            if (zero_point(format) > 0) take_zero_point(format, &sum, x.offset + 2 * b, 2 * stride, 2, rows);
            add_scaled(&acc, &sum, scales, x.scale + b, stride, rows);
        }
        if (has_minima(format)) add_minima(&acc, second, x.scaled_sum + b, stride, rows);
    }
    TW_UNROLL for (int i = 0; i < 2 * rows; i++) {
        float *out = sums.is_last ? sums.y + i / 2 * sums.y_stride + i % 2 * 8 : sums.kept + 8 * i;
        const bool adds = sums.is_last && sums.accumulate;
        _mm256_storeu_ps(out, adds ? _mm256_add_ps(_mm256_loadu_ps(out), acc.of[i]) : acc.of[i]);
    }
}

TW_INLINE void tile_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t k,
                       tw_quantised_rows x, uint32_t rows, fetch_plan fetch, row_sums sums) {
    switch (rows) {
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
