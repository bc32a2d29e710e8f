#ifndef TW_X86_H
#define TW_X86_H

#include "CKernels.h"

bool tw_avx2_runs_here(void);
const tw_kernels *tw_kernels_avx2(void);
bool tw_avx512_runs_here(void);
const tw_kernels *tw_kernels_avx512(void);

#endif
