// What the parts of kernel_check share: seeded inputs, and results that are compared with the portable kernels'.
#ifndef TW_CHECK_H
#define TW_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKernels.h"

/// Sets of kernels that this processor runs; the portable one is the first.
enum { MOST_SETS = 8 };
extern const tw_kernels *sets[MOST_SETS];
extern int set_count;

/// A zeroed buffer; ends the program if there is no memory.
void *buffer(size_t count, size_t size);

/// A repeatable generator: equal on every processor.
void seed(uint64_t state);
uint64_t next_bits(void);
/// Uniform in -1 ..< 1.
float next_float(void);
/// `count` values of about this size, most of them smaller.
void fill(float *x, int64_t count, float size);

/// Results of a set against those of the portable kernels, bit by bit; any NaN equals any other, since which one an
/// operation gives is the processor's choice. Every call counts as one comparison.
void compare_floats(const char *what, const tw_kernels *set, const float *got, const float *expected, int64_t count);
void compare_bytes(const char *what, const tw_kernels *set, const void *got, const void *expected, size_t count);
/// Values of the portable kernels against f64 ones, each within its bound.
void compare_reference(const char *what, const float *got, const double *expected, const double *bound, int64_t count);

/// Takes portable results into the digest, which must be the same on every processor.
void digest_floats(const float *x, int64_t count);
void digest_bytes(const void *bytes, size_t count);

/// The parts.
void check_products(void);
void check_attention(void);
void check_text_attention(void);
void check_rows(void);
void check_vocabulary(void);

#endif
