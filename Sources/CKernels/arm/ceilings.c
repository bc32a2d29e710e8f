// Register-only loops for 64-bit ARM processors.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "../generic/lanes.h"
#include "arm.h"
#include "ceilings.h"

// Sums in flight at a time: enough to hide the instructions' latency.
enum { CHAINS = 12, BLOCK_CHAINS = 6 };

// Makes the compiler believe that a register has changed, so that it does not lift work out of the loop. Costs nothing.
#define TW_OPAQUE(x) __asm__ volatile("" : "+w"(x))

static int64_t neon_f32(int64_t rounds) {
    float32x4_t sum[CHAINS], a = vdupq_n_f32(0.5f), b = vdupq_n_f32(0.25f);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = vdupq_n_f32((float)i);
    for (int64_t n = 0; n < rounds; n++) {
        TW_OPAQUE(a);
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = vfmaq_f32(sum[i], a, b);
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE(sum[i]);
    return rounds * CHAINS * 4 * 2;
}

// Two products of bytes are summed in 16 bits, then widened.
static int64_t neon_int8(int64_t rounds) {
    int32x4_t sum[CHAINS];
    int8x16_t w = vdupq_n_s8(3), x = vdupq_n_s8(5);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = vdupq_n_s32(0);
    for (int64_t n = 0; n < rounds; n++) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) {
            TW_OPAQUE(w);
            const int16x8_t pair = vmull_s8(vget_low_s8(w), vget_low_s8(x));
            sum[i] = vpadalq_s16(sum[i], vmlal_high_s8(pair, w, x));
        }
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE(sum[i]);
    return rounds * CHAINS * 16 * 2;
}

// A block of 32 columns: 8 products a lane summed in 16 bits, then widened once.
static int64_t neon_int4(int64_t rounds) {
    int32x4_t total = vdupq_n_s32(0);
    int8x16_t w = vdupq_n_s8(3), x = vdupq_n_s8(5);
    for (int64_t n = 0; n < rounds; n++) {
        int16x8_t low[BLOCK_CHAINS], high[BLOCK_CHAINS];
        TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) low[i] = high[i] = vdupq_n_s16(0);
        TW_UNROLL for (int v = 0; v < 8; v++) {
            TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) {
                TW_OPAQUE(w);
                low[i] = vmlal_s8(low[i], vget_low_s8(w), vget_low_s8(x));
                high[i] = vmlal_high_s8(high[i], w, x);
            }
        }
        TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) {
            total = vpadalq_s16(vpadalq_s16(total, low[i]), high[i]);
        }
    }
    TW_OPAQUE(total);
    return rounds * BLOCK_CHAINS * 8 * 16 * 2;
}

// One instruction multiplies bytes and sums them in 32 bits; 4-bit numbers use the same loop.
__attribute__((target("dotprod"))) static int64_t dotprod_bytes(int64_t rounds) {
    int32x4_t sum[CHAINS];
    int8x16_t w = vdupq_n_s8(3), x = vdupq_n_s8(5);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = vdupq_n_s32(0);
    for (int64_t n = 0; n < rounds; n++) {
        TW_OPAQUE(w);
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = vdotq_s32(sum[i], w, x);
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE(sum[i]);
    return rounds * CHAINS * 16 * 2;
}

const tw_ceilings *tw_arm_ceilings_of(const tw_kernels *kernels) {
    static const tw_ceilings neon = {neon_f32, neon_int8, neon_int4};
    static const tw_ceilings dotprod = {neon_f32, dotprod_bytes, dotprod_bytes};
    if (kernels == tw_kernels_neon()) return &neon;
    if (kernels == tw_kernels_neon_dotprod()) return &dotprod;
    return NULL;
}
#endif
