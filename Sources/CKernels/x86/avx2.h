#ifndef TW_AVX2_H
#define TW_AVX2_H

#include "CKernels.h"

bool tw_avx2_runs_here(void);
const tw_kernels *tw_kernels_avx2(void);

#endif
