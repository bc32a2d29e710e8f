#include "Ceilings.h"
#include "lanes.h"

#if defined(__x86_64__)
#include "../x86/ceilings.h"
#elif defined(__aarch64__)
#include "../arm/ceilings.h"
#endif

const tw_ceilings *tw_ceilings_of(const tw_kernels *kernels) {
#if defined(__x86_64__)
    return tw_x86_ceilings_of(kernels);
#elif defined(__aarch64__)
    return tw_arm_ceilings_of(kernels);
#else
    (void)kernels;
    return NULL;
#endif
}

uint64_t tw_read(const void *memory, int64_t bytes) {
    typedef uint64_t v4 __attribute__((vector_size(32)));
    enum { CHAINS = 8 };
    v4 sum[CHAINS] = {{0}};
    const uint8_t *end = (const uint8_t *)memory + bytes;
    for (const uint8_t *at = memory; at < end; at += CHAINS * sizeof(v4)) {
        TW_UNROLL for (int i = 0; i < CHAINS; i++) sum[i] ^= *(const v4 *)(at + i * sizeof(v4));
    }
    v4 all = sum[0];
    for (int i = 1; i < CHAINS; i++) all ^= sum[i];
    return all[0] ^ all[1] ^ all[2] ^ all[3];
}
