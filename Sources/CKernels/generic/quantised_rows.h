// Places in quantised activation rows.
#ifndef TW_QUANTISED_ROWS_H
#define TW_QUANTISED_ROWS_H

#include "CKernels.h"
#include "lanes.h"

// The rows' data from block `block` on; a block is 32 columns.
TW_INLINE tw_quantised_rows from_block(tw_quantised_rows x, int64_t block) {
    return (tw_quantised_rows){x.q + block * TW_BLOCK, x.scale + block, x.scaled_sum + block, x.offset + 2 * block};
}

TW_INLINE tw_quantised_rows from_row(tw_quantised_rows x, int64_t row, int64_t k) {
    return from_block(x, row * (k / TW_BLOCK));
}

// Defines the kernel that quantises block by block.
#define TW_QUANTISE_ROWS(quantise_block)                                                                          \
    static void quantise_rows(const float *x, int64_t m, int64_t columns, int64_t k, tw_quantised_rows out) {     \
        for (int64_t row = 0; row < m; row++) {                                                                   \
            for (int64_t b = 0; b < columns / TW_BLOCK; b++) {                                                    \
                quantise_block(x + row * k + b * TW_BLOCK, from_block(from_row(out, row, k), b));                 \
            }                                                                                                     \
        }                                                                                                         \
    }

#endif
