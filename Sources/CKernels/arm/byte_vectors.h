// Keys and values of bytes in the registers of 64-bit ARM processors. The including file defines
// int32x4_t add_four(int32x4_t sum, int8x16_t a, int8x16_t b): sum[j] += a[4j...4j+3] * b[4j...4j+3].
#ifndef TW_ARM_BYTE_VECTORS_H
#define TW_ARM_BYTE_VECTORS_H

#include <arm_neon.h>
#include <string.h>

#include "../generic/lanes.h"

typedef struct {
    int8x16_t quarter[4];
} byte_vector;

TW_INLINE byte_vector load_values(const uint8_t *p) {
    byte_vector bytes;
    TW_UNROLL for (int i = 0; i < 4; i++) bytes.quarter[i] = vreinterpretq_s8_u8(vld1q_u8(p + 16 * i));
    return bytes;
}
enum { KEYS_STAY_RAISED = 0, WEIGHTS_ARE_SIGNED = 1 };
TW_INLINE byte_vector load_keys(const uint8_t *p) {
    byte_vector bytes = load_values(p);
    TW_UNROLL for (int i = 0; i < 4; i++) bytes.quarter[i] = veorq_s8(bytes.quarter[i], vdupq_n_s8(-128));
    return bytes;
}

TW_INLINE v16i add_keys(v16i sum, byte_vector bytes, const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(four));
    int32x4_t part[4] = {
        __builtin_shufflevector(sum, sum, 0, 1, 2, 3), __builtin_shufflevector(sum, sum, 4, 5, 6, 7),
        __builtin_shufflevector(sum, sum, 8, 9, 10, 11), __builtin_shufflevector(sum, sum, 12, 13, 14, 15)};
    TW_UNROLL for (int i = 0; i < 4; i++) part[i] = add_four(part[i], bytes.quarter[i], x);
    const v8i low = __builtin_shufflevector(part[0], part[1], 0, 1, 2, 3, 4, 5, 6, 7);
    const v8i high = __builtin_shufflevector(part[2], part[3], 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
TW_INLINE v16i add_values(v16i sum, byte_vector bytes, const int8_t *weights) {
    return add_keys(sum, bytes, weights);
}

#endif
