#include "CKernels.h"
#if defined(__x86_64__)
#include "x86/avx2.h"
#endif

const tw_kernels *tw_kernels_best(void) {
#if defined(__x86_64__)
    if (tw_avx2_runs_here()) return tw_kernels_avx2();
#endif
    return tw_kernels_portable();
}
