// Eight float lanes as a compiler vector type, and sixteen for products with panels and for softmax and bytes in
// attention. A file that includes this header is compiled once for each kind of processor; each compilation performs
// the same operations on each lane, so that the results are the same bits.
#ifndef TW_LANES_H
#define TW_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

typedef float v8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t v8i __attribute__((vector_size(32), aligned(4)));
typedef int8_t b8 __attribute__((vector_size(8), aligned(1)));
typedef int8_t b16 __attribute__((vector_size(16), aligned(1)));
typedef float v16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t v16i __attribute__((vector_size(64), aligned(4)));

// A build for sanitizers does without: their checks of what is inlined would take the compiler minutes a file.
#if defined(TW_SANITIZE)
#define TW_INLINE static inline
#else
#define TW_INLINE static inline __attribute__((always_inline))
#endif
// For loops whose counts are known where they are inlined: the arrays that they index become registers.
#define TW_UNROLL _Pragma("clang loop unroll(full)")
// Prefetches into the L2 cache: prefetches into the L1 cache are limited by its few miss buffers.
#define TW_FETCH(address) __builtin_prefetch(address, 0, 2)

// A block whose values are all smaller than this counts as zeros: 127 / highest would overflow.
#define TW_NEGLIGIBLE 1e-36f

// Adding 1.5 * 2^23 rounds to an integer, ties to even, and leaves the integer in the low bits.
#define TW_ROUNDING 12582912.0f

TW_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
TW_INLINE void v8_store(float *p, v8 x) { *(v8 *)p = x; }
TW_INLINE v8 v8_set(float x) { return (v8){x, x, x, x, x, x, x, x}; }
TW_INLINE v8 v8_fma(v8 a, v8 b, v8 c) { return __builtin_elementwise_fma(a, b, c); }
TW_INLINE v8 v8_max(v8 a, v8 b) {
    const v8i take = a > b;
    return (v8)(((v8i)a & take) | ((v8i)b & ~take));
}
TW_INLINE v8 v8_select(v8i mask, v8 a, v8 b) { return (v8)(((v8i)a & mask) | ((v8i)b & ~mask)); }

TW_INLINE v16 v16_load(const float *p) { return *(const v16 *)p; }
TW_INLINE void v16_store(float *p, v16 x) { *(v16 *)p = x; }
TW_INLINE v16 v16_set(float x) { return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
TW_INLINE v16 v16_fma(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
TW_INLINE v16 v16_max(v16 a, v16 b) {
    const v16i take = a > b;
    return (v16)(((v16i)a & take) | ((v16i)b & ~take));
}
TW_INLINE v16 v16_select(v16i mask, v16 a, v16 b) { return (v16)(((v16i)a & mask) | ((v16i)b & ~mask)); }
TW_INLINE v16 v16_of(v8 low, v8 high) {
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
TW_INLINE v8 v16_low(v16 x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7); }
TW_INLINE v8 v16_high(v16 x) { return __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15); }

// The one order in which eight lanes are summed.
TW_INLINE float v8_sum(v8 x) {
    x += __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
    x += __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
    return x[0] + x[1];
}
// The highest lane; a NaN lane may or may not show in the result.
TW_INLINE float v8_highest(v8 x) {
    x = v8_max(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
    x = v8_max(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
    x = v8_max(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
    return x[0];
}

TW_INLINE float v16_sum(v16 x) { return v8_sum(v16_low(x) + v16_high(x)); }
TW_INLINE float v16_highest(v16 x) { return v8_highest(v8_max(v16_low(x), v16_high(x))); }

// exp(x) within 2 units in the last place; 0 below -87.3 (also for -infinity); x above 88 counts as 88.
TW_INLINE v8 v8_exp(v8 x) {
    const v8i underflow = x < v8_set(-87.3f);
    x = v8_select(x > v8_set(88.0f), v8_set(88.0f), x);
    x = v8_select(underflow, v8_set(-87.3f), x);
    const v8 magic = v8_set(TW_ROUNDING);
    const v8 n = v8_fma(x, v8_set(1.44269504f), magic) - magic;
    v8 r = v8_fma(n, v8_set(-0.693359375f), x);
    r = v8_fma(n, v8_set(2.12194440e-4f), r);
    v8 p = v8_set(1.0f / 5040);
    p = v8_fma(p, r, v8_set(1.0f / 720));
    p = v8_fma(p, r, v8_set(1.0f / 120));
    p = v8_fma(p, r, v8_set(1.0f / 24));
    p = v8_fma(p, r, v8_set(1.0f / 6));
    p = v8_fma(p, r, v8_set(0.5f));
    p = v8_fma(p, r, v8_set(1.0f));
    p = v8_fma(p, r, v8_set(1.0f));
    // NaN has no integer; the product below is NaN whatever the power.
    const v8i power = (__builtin_convertvector(v8_select(n == n, n, v8_set(0)), v8i) + 127) << 23;
    return v8_select(underflow, v8_set(0), p * (v8)power);
}

// exp(x) of sixteen lanes, for x of at most 0.
TW_INLINE v16 v16_exp_below_0(v16 x) {
    const v16i underflow = x < v16_set(-87.3f);
    x = v16_select(underflow, v16_set(-87.3f), x);
    const v16 magic = v16_set(TW_ROUNDING);
    const v16 rounded = v16_fma(x, v16_set(1.44269504f), magic), n = rounded - magic;
    v16 r = v16_fma(n, v16_set(-0.693359375f), x);
    r = v16_fma(n, v16_set(2.12194440e-4f), r);
    v16 p = v16_set(1.0f / 5040);
    p = v16_fma(p, r, v16_set(1.0f / 720));
    p = v16_fma(p, r, v16_set(1.0f / 120));
    p = v16_fma(p, r, v16_set(1.0f / 24));
    p = v16_fma(p, r, v16_set(1.0f / 6));
    p = v16_fma(p, r, v16_set(0.5f));
    p = v16_fma(p, r, v16_set(1.0f));
    p = v16_fma(p, r, v16_set(1.0f));
    // The low bits of `rounded` hold the integer; the shift drops the other bits.
    return v16_select(underflow, v16_set(0), p * (v16)(((v16i)rounded + 127) << 23));
}

#endif
