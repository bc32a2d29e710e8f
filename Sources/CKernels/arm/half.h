#ifndef TW_ARM_HALF_H
#define TW_ARM_HALF_H

#include <arm_neon.h>

#include "../generic/lanes.h"

TW_INLINE v8 load_half(const uint16_t *p) {
    const float16x8_t half = vreinterpretq_f16_u16(vld1q_u16(p));
    const float32x4_t low = vcvt_f32_f16(vget_low_f16(half)), high = vcvt_high_f32_f16(half);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
TW_INLINE void store_half(uint16_t *p, v8 x) {
    const float32x4_t low = __builtin_shufflevector(x, x, 0, 1, 2, 3), high = __builtin_shufflevector(x, x, 4, 5, 6, 7);
    vst1q_u16(p, vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(low), high)));
}
#define TW_LOAD_HALF load_half
#define TW_STORE_HALF store_half

#endif
