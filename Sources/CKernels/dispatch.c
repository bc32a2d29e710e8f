#include "CKernels.h"
#if defined(__x86_64__)
#include "x86/x86.h"
#elif defined(__aarch64__)
#include "arm/arm.h"
#endif

const tw_kernels *tw_kernels_at(int64_t index) {
    const tw_kernels *sets[3] = {tw_kernels_portable()};
    int64_t count = 1;
#if defined(__x86_64__)
    if (tw_avx2_runs_here()) sets[count++] = tw_kernels_avx2();
    if (tw_avx512_runs_here()) sets[count++] = tw_kernels_avx512();
#elif defined(__aarch64__)
    sets[count++] = tw_kernels_neon();
    if (tw_neon_dotprod_runs_here()) sets[count++] = tw_kernels_neon_dotprod();
#endif
    return index >= 0 && index < count ? sets[index] : NULL;
}

const tw_kernels *tw_kernels_best(void) {
    const tw_kernels *best = tw_kernels_portable();
    for (int64_t i = 1; tw_kernels_at(i) != NULL; i++) best = tw_kernels_at(i);
    return best;
}
