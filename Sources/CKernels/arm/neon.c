// Kernels for 64-bit ARM processors, with the instructions that all of them have.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "CKernels.h"
#include "arm.h"
#include "half.h"
#include "../generic/lanes.h"
#include "../generic/quantised_rows.h"

// The sum of two products of at most 128 * 127 fits 16 bits, so pairs are summed in 16 bits.
TW_INLINE int32x4_t add_four(int32x4_t sum, int8x16_t a, int8x16_t b) {
    const int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(b)), high = vmull_high_s8(a, b);
    return vaddq_s32(sum, vpaddlq_s16(vpaddq_s16(low, high)));
}
#include "byte_vectors.h"
// Eight float lanes take two of the 32 registers.
#define TW_LINES 3
#define TW_F32_ROWS 6
#include "../generic/float_kernels.h"

TW_INLINE void quantise_block(const float *x, tw_quantised_rows out) {
    v8 high = v8_set(0);
    for (int i = 0; i < TW_BLOCK; i += 8) high = v8_max(__builtin_elementwise_abs(v8_load(x + i)), high);
    const float highest = v8_highest(high);
    const float inverse = highest > TW_NEGLIGIBLE ? 127.0f / highest : 0;
    int16x8_t n[4];
    for (int i = 0; i < 4; i++) {
        // The conversion turns NaN into 0.
        const int32x4_t low = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + 8 * i), inverse));
        const int32x4_t up = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + 8 * i + 4), inverse));
        n[i] = vcombine_s16(vmovn_s32(low), vmovn_s32(up));
    }
    vst1q_s8(out.q, vcombine_s8(vmovn_s16(n[0]), vmovn_s16(n[1])));
    vst1q_s8(out.q + 16, vcombine_s8(vmovn_s16(n[2]), vmovn_s16(n[3])));
    const int32_t first = vaddvq_s16(vaddq_s16(n[0], n[1])), second = vaddvq_s16(vaddq_s16(n[2], n[3]));
    *out.scale = highest / 127.0f;
    *out.scaled_sum = *out.scale * (float)(first + second);
    out.offset[0] = -128 * first;
    out.offset[1] = -128 * second;
}

TW_QUANTISE_ROWS(quantise_block)

// Each sum also needs two vectors of 16-bit and two of 32-bit partial sums.
#define TW_S8_SUMS 4
#include "panels.h"

TW_INLINE int8x16_t four_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

// Products of a quarter (4 output rows x 4 columns), summed in 16 bits; each vector holds two output rows.
typedef struct {
    int16x8_t low, high;
} pair_sums;

TW_INLINE pair_sums add_pairs(pair_sums sum, int8x16_t w, int8x16_t x) {
    return (pair_sums){vmlal_s8(sum.low, vget_low_s8(w), vget_low_s8(x)), vmlal_high_s8(sum.high, w, x)};
}

// The sum of eight products of at most 15 * 127 fits 16 bits: a block of 32 columns is widened once.
TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int quarters, const int rows) {
    const uint8x16_t mask = vdupq_n_u8(15);
    pair_sums pairs[MOST];
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) pairs[i].low = pairs[i].high = vdupq_n_s16(0);
    TW_UNROLL for (int v = 0; v < 4; v++) {
        TW_UNROLL for (int h = 0; h < quarters; h++) {
            const uint8x16_t both = vld1q_u8(quants + v * 64 + h * 16);
            const int8x16_t low = vreinterpretq_s8_u8(vandq_u8(both, mask));
            const int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
            TW_UNROLL for (int r = 0; r < rows; r++) {
                pair_sums *s = &pairs[h * rows + r];
                *s = add_pairs(*s, low, four_bytes(q + r * k + v * 8));
                *s = add_pairs(*s, high, four_bytes(q + r * k + v * 8 + 4));
            }
        }
    }
    block_sums sum;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) {
        sum.of[i] = vpaddq_s32(vpaddlq_s16(pairs[i].low), vpaddlq_s16(pairs[i].high));
    }
    return sum;
}

// The sum of two products of at most 128 * 127 fits 16 bits: two groups of 4 columns are widened at a time.
TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int groups, const int quarters,
                              const int rows) {
    const pair_sums none = {vdupq_n_s16(0), vdupq_n_s16(0)};
    int32x4_t low[MOST], high[MOST];
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) low[i] = high[i] = vdupq_n_s32(0);
    TW_UNROLL for (int v = 0; v < groups; v += 2) {
        TW_UNROLL for (int h = 0; h < quarters; h++) {
            const int8x16_t w0 = vreinterpretq_s8_u8(vld1q_u8(quants + v * 64 + h * 16));
            const int8x16_t w1 = vreinterpretq_s8_u8(vld1q_u8(quants + v * 64 + 64 + h * 16));
            TW_UNROLL for (int r = 0; r < rows; r++) {
                const pair_sums first = add_pairs(none, w0, four_bytes(q + r * k + v * 4));
                const pair_sums both = add_pairs(first, w1, four_bytes(q + r * k + v * 4 + 4));
                low[h * rows + r] = vpadalq_s16(low[h * rows + r], both.low);
                high[h * rows + r] = vpadalq_s16(high[h * rows + r], both.high);
            }
        }
    }
    block_sums sum;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) sum.of[i] = vpaddq_s32(low[i], high[i]);
    return sum;
}

const tw_kernels *tw_kernels_neon(void) {
    static const tw_kernels kernels = {"neon", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum, layer_norm, gelu,
                                       add_bias, attend_text};
    return &kernels;
}

const tw_kernels *tw_kernels_neon_dotprod(void) {
    static const tw_kernels kernels = {"neon-dotprod", quantise_rows, tw_neon_dotprod_gemm, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, tw_neon_dotprod_attend, argmax, exp_sum,
                                       layer_norm, gelu, add_bias, attend_text};
    return &kernels;
}
#endif
