#ifndef TW_ARM_H
#define TW_ARM_H

#include "CKernels.h"

/// Kernels for every 64-bit ARM processor.
const tw_kernels *tw_kernels_neon(void);

/// Kernels for those that multiply bytes and add four products at a time.
const tw_kernels *tw_kernels_neon_dotprod(void);
bool tw_neon_dotprod_runs_here(void);

/// Their `gemm_quantised` and `attend`.
void tw_neon_dotprod_gemm(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                          tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate);
void tw_neon_dotprod_attend(const tw_attention *job);

#endif
