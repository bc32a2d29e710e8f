// The highest speed of a processor, with which the speed of kernels is compared.
#ifndef TW_CEILINGS_H
#define TW_CEILINGS_H

#include "CKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Loops that stay in registers and run only the multiplications that a set of kernels is made of. Each loop runs
/// `rounds` times and returns the number of operations; a multiplication and the addition after it are two.
typedef struct {
    /// f32 fused multiply-add.
    int64_t (*f32)(int64_t rounds);
    /// Signed bytes times bytes, summed in 32 bits.
    int64_t (*int8)(int64_t rounds);
    /// 4-bit numbers times bytes, in the cheapest way that a block of 32 columns allows.
    int64_t (*int4)(int64_t rounds);
} tw_ceilings;

/// The loops for a set of kernels; NULL for the portable ones, whose instructions are the compiler's choice.
const tw_ceilings *tw_ceilings_of(const tw_kernels *kernels);

/// Reads `bytes` bytes, a multiple of 256, from aligned memory in order, and returns a number that depends on every
/// byte.
uint64_t tw_read(const void *memory, int64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
