// Register-only loops for x86-64 processors.
#if defined(__x86_64__)
#include <immintrin.h>

#include "../generic/lanes.h"
#include "ceilings.h"
#include "x86.h"

// Sums in flight at a time: enough to hide the instructions' latency. With AVX2 they leave registers for the factors.
enum { CHAINS = 12, BLOCK_CHAINS = 8 };

// Makes the compiler believe that a register has changed, so that it does not lift work out of the loop. Costs nothing.
#define TW_OPAQUE(x) __asm__ volatile("" : "+x"(x))
#define TW_OPAQUE_512(x) __asm__ volatile("" : "+v"(x))

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

static int64_t avx2_f32(int64_t rounds) {
    __m256 sum[CHAINS], a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_set1_ps((float)i);
    for (int64_t n = 0; n < rounds; n++) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_fmadd_ps(sum[i], a, b);
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE(sum[i]);
    return rounds * CHAINS * 8 * 2;
}

static int64_t avx2_int8(int64_t rounds) {
    __m256i sum[CHAINS], w = _mm256_set1_epi8(3), x = _mm256_set1_epi8(5);
    const __m256i ones = _mm256_set1_epi16(1);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_setzero_si256();
    for (int64_t n = 0; n < rounds; n++) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) {
            TW_OPAQUE(w);
            sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), ones));
        }
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE(sum[i]);
    return rounds * CHAINS * 32 * 2;
}

// A block of 32 columns: 8 products a lane summed in 16 bits, then widened once.
static int64_t avx2_int4(int64_t rounds) {
    __m256i total = _mm256_setzero_si256(), w = _mm256_set1_epi8(3), x = _mm256_set1_epi8(5);
    const __m256i ones = _mm256_set1_epi16(1);
    for (int64_t n = 0; n < rounds; n++) {
        __m256i sum[BLOCK_CHAINS];
        TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) sum[i] = _mm256_setzero_si256();
        TW_UNROLL for (int v = 0; v < 8; v++) {
            TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) {
                TW_OPAQUE(w);
                sum[i] = _mm256_add_epi16(sum[i], _mm256_maddubs_epi16(w, x));
            }
        }
        TW_UNROLL for (int i = 0; i < BLOCK_CHAINS; i++) {
            total = _mm256_add_epi32(total, _mm256_madd_epi16(sum[i], ones));
        }
    }
    TW_OPAQUE(total);
    return rounds * BLOCK_CHAINS * 8 * 32 * 2;
}

#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512vnni"))), \
                             apply_to = function)

static int64_t avx512_f32(int64_t rounds) {
    __m512 sum[CHAINS], a = _mm512_set1_ps(0.5f), b = _mm512_set1_ps(0.25f);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_set1_ps((float)i);
    for (int64_t n = 0; n < rounds; n++) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_fmadd_ps(sum[i], a, b);
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE_512(sum[i]);
    return rounds * CHAINS * 16 * 2;
}

// One instruction multiplies bytes and sums them in 32 bits; 4-bit numbers use the same loop.
static int64_t avx512_bytes(int64_t rounds) {
    __m512i sum[CHAINS], w = _mm512_set1_epi8(3), x = _mm512_set1_epi8(5);
    TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_setzero_si512();
    for (int64_t n = 0; n < rounds; n++) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_dpbusd_epi32(sum[i], w, x);
    }
    TW_UNROLL for (int i = 0; i < CHAINS; i++) TW_OPAQUE_512(sum[i]);
    return rounds * CHAINS * 64 * 2;
}

#pragma clang attribute pop

const tw_ceilings *tw_x86_ceilings_of(const tw_kernels *kernels) {
    static const tw_ceilings avx2 = {avx2_f32, avx2_int8, avx2_int4};
    static const tw_ceilings avx512 = {avx512_f32, avx512_bytes, avx512_bytes};
    if (kernels == tw_kernels_avx2()) return &avx2;
    if (kernels == tw_kernels_avx512()) return &avx512;
    return NULL;
}
#endif
