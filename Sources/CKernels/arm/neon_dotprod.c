// Products and attention for 64-bit ARM processors with the dot product instructions, which add four products of bytes
// in 32 bits. The other kernels of these processors are those of neon.c.
#if defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "CKernels.h"
#include "arm.h"

bool tw_neon_dotprod_runs_here(void) {
#if defined(__linux__)
    const unsigned long dot_product = 1ul << 20;  // HWCAP_ASIMDDP, which older headers lack
    return (getauxval(AT_HWCAP) & dot_product) != 0;
#elif defined(__APPLE__)
    int present = 0;
    size_t size = sizeof present;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &present, &size, NULL, 0) == 0 && present != 0;
#else
    return false;
#endif
}

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define TW_S8_SUMS 8
#include "panels.h"

// The group of four activations at `lane` of sixteen.
TW_INLINE int32x4_t add_dots(int32x4_t sum, int8x16_t w, int8x16_t x, const int lane) {
    switch (lane) {
    case 0: return vdotq_laneq_s32(sum, w, x, 0);
    case 1: return vdotq_laneq_s32(sum, w, x, 1);
    case 2: return vdotq_laneq_s32(sum, w, x, 2);
    default: return vdotq_laneq_s32(sum, w, x, 3);
    }
}

TW_INLINE block_sums u4_block(const uint8_t *quants, const int8_t *q, int64_t k, const int quarters, const int rows) {
    const uint8x16_t mask = vdupq_n_u8(15);
    block_sums sum;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) sum.of[i] = vdupq_n_s32(0);
    TW_UNROLL for (int v = 0; v < 4; v++) {
        TW_UNROLL for (int h = 0; h < quarters; h++) {
            const uint8x16_t both = vld1q_u8(quants + v * 64 + h * 16);
            const int8x16_t low = vreinterpretq_s8_u8(vandq_u8(both, mask));
            const int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
            TW_UNROLL for (int r = 0; r < rows; r++) {
                const int8x16_t x = vld1q_s8(q + r * k + v / 2 * 16);
                int32x4_t *s = &sum.of[h * rows + r];
                *s = add_dots(add_dots(*s, low, x, v % 2 * 2), high, x, v % 2 * 2 + 1);
            }
        }
    }
    return sum;
}

TW_INLINE block_sums s8_block(const uint8_t *quants, const int8_t *q, int64_t k, const int groups, const int quarters,
                              const int rows) {
    block_sums sum;
    TW_UNROLL for (int i = 0; i < quarters * rows; i++) sum.of[i] = vdupq_n_s32(0);
    TW_UNROLL for (int v = 0; v < groups; v++) {
        TW_UNROLL for (int h = 0; h < quarters; h++) {
            const int8x16_t w = vreinterpretq_s8_u8(vld1q_u8(quants + v * 64 + h * 16));
            TW_UNROLL for (int r = 0; r < rows; r++) {
                const int8x16_t x = vld1q_s8(q + r * k + v / 4 * 16);
                sum.of[h * rows + r] = add_dots(sum.of[h * rows + r], w, x, v % 4);
            }
        }
    }
    return sum;
}

TW_INLINE int32x4_t add_four(int32x4_t sum, int8x16_t a, int8x16_t b) { return vdotq_s32(sum, a, b); }
#include "byte_vectors.h"
#define TW_LINES 3
#include "../generic/attention.h"

void tw_neon_dotprod_attend(const tw_attention *job) { attend(job); }

void tw_neon_dotprod_gemm(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                          tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    gemm_quantised(format, panels, begin, end, k, x, m, y, y_stride, accumulate);
}

#pragma clang attribute pop
#endif
