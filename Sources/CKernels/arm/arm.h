#ifndef TW_ARM_H
#define TW_ARM_H

#include "CKernels.h"

/// Kernels for every 64-bit ARM processor.
const tw_kernels *tw_kernels_neon(void);

/// Kernels for the ARM processors whose dot product instructions add four products of bytes at a time.
const tw_kernels *tw_kernels_neon_dotprod(void);
bool tw_neon_dotprod_runs_here(void);

/// The `gemm_quantised` of the dot product kernels.
void tw_neon_dotprod_gemm(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                          tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate);
/// The `attend` of the dot product kernels.
void tw_neon_dotprod_attend(const tw_attention *job);

#endif
