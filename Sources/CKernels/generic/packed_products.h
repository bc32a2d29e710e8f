// Loops over panels and chunks for products of quantised rows with packed panels, the same for every kind of processor.
// The including file defines `chunk_rows`, which multiplies one chunk of a panel with some rows.
#ifndef TW_PACKED_PRODUCTS_H
#define TW_PACKED_PRODUCTS_H

#include "CKernels.h"
#include "expand.h"
#include "lanes.h"
#include "packed_layout.h"
#include "quantised_rows.h"

// A chunk of a panel. Tiles of rows read the chunk one after the other: the first tile leaves its expanded scales and
// quants for the later ones.
typedef struct {
    int64_t blocks;
    const uint8_t *packed;
    // [block][BLOCK_SCALES]: expanded scales
    float *scales;
    // [block][BYTE_BYTES]: expanded quants, for formats with five or six bits
    uint8_t *bytes;
    // The same chunk of the next panel.
    const uint8_t *next;
} panel_chunk;

// A tile's place among the tiles that read a chunk.
typedef enum { TILE_ALONE, TILE_FIRST, TILE_LATER } tile_place;

// The scales of a block as floats; a tile that reads the chunk alone expands them into `own`.
TW_INLINE const float *scales_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t b,
                                 float own[BLOCK_SCALES]) {
    float *scales = place == TILE_ALONE ? own : chunk.scales + b * BLOCK_SCALES;
    if (place != TILE_LATER) store_scales(format, expand_scales(format, block_at(format, chunk.packed, b)), scales);
    return scales;
}

// The quants of a block as nibbles or bytes; a tile that reads the chunk alone expands them into `own`.
TW_INLINE const uint8_t *quants_of(const tw_format format, const tile_place place, panel_chunk chunk, int64_t b,
                                   uint8_t own[BYTE_BYTES]) {
    const uint8_t *packed = block_at(format, chunk.packed, b).quants;
    if (high_bits(format) == 0) return packed;
    uint8_t *bytes = place == TILE_ALONE ? own : chunk.bytes + b * BYTE_BYTES;
    if (place != TILE_LATER) expand_quants(format, packed, bytes);
    return bytes;
}

// Where the sums of some rows are stored: in `kept`, [row][TW_PANEL], between chunks; in `y` after the last chunk.
typedef struct {
    float *kept;
    float *y;
    int64_t y_stride;
    bool is_first, is_last;
    bool accumulate;
} row_sums;

TW_INLINE row_sums sums_from(row_sums sums, int64_t row) {
    sums.kept += row * TW_PANEL;
    sums.y += row * sums.y_stride;
    return sums;
}

// Multiplies the chunk with `rows` rows, at most MOST_ROWS. `x` points to the rows' first block of the chunk.
TW_INLINE void chunk_rows(const tw_format format, panel_chunk chunk, int64_t k, tw_quantised_rows x, int64_t rows,
                          row_sums sums);

// MOST_ROWS: rows that are multiplied with a panel before the next panel is read. CHUNK_BLOCKS: blocks in a chunk of a
// panel; the expanded scales and quants of a chunk stay in the L1 cache.
enum { MOST_ROWS = 64, CHUNK_BLOCKS = 32 };

// y[r][0...15] (+)= x[r] . the panel's rows, for `rows` rows.
TW_INLINE void panel_rows(const tw_format format, const uint8_t *panel, int64_t k, tw_quantised_rows x, int64_t rows,
                          float *y, int64_t y_stride, bool accumulate) {
    float kept[MOST_ROWS * TW_PANEL], scales[CHUNK_BLOCKS * BLOCK_SCALES];
    uint8_t bytes[CHUNK_BLOCKS * BYTE_BYTES];
    const int64_t all = k / TW_BLOCK, panel_bytes = bytes_of_blocks(format, all);
    for (int64_t b = 0; b < all; b += CHUNK_BLOCKS) {
        const int64_t blocks = all - b < CHUNK_BLOCKS ? all - b : CHUNK_BLOCKS;
        const uint8_t *packed = panel + bytes_of_blocks(format, b);
        const panel_chunk chunk = {blocks, packed, scales, bytes, packed + panel_bytes};
        const row_sums sums = {kept, y, y_stride, b == 0, b + blocks == all, accumulate};
        chunk_rows(format, chunk, k, from_block(x, b), rows, sums);
    }
}

TW_INLINE void panels_of(const tw_format format, const uint8_t *panels, int64_t begin, int64_t end, int64_t k,
                         tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    const int64_t bytes = bytes_of_blocks(format, k / TW_BLOCK);
    // Groups of rows that stay in the L2 cache while the panels stream past them.
    for (int64_t top = 0; top < m; top += MOST_ROWS) {
        const int64_t rows = m - top < MOST_ROWS ? m - top : MOST_ROWS;
        for (int64_t p = begin; p < end; p++) {
            panel_rows(format, panels + p * bytes, k, from_row(x, top, k), rows, y + top * y_stride + p * TW_PANEL,
                       y_stride, accumulate);
        }
    }
}

// One function a format: the optimiser's time grows faster than the size of a function, and a product calls one of these
// once.
#define TW_PANELS_OF(format)                                                                                       \
    static __attribute__((noinline)) void panels_of_##format(const void *panels, int64_t begin, int64_t end,       \
                                                             int64_t k, tw_quantised_rows x, int64_t m, float *y,  \
                                                             int64_t y_stride, bool accumulate) {                  \
        panels_of(TW_FORMAT_##format, panels, begin, end, k, x, m, y, y_stride, accumulate);                       \
    }
TW_PANELS_OF(Q4_0)
TW_PANELS_OF(Q4_1)
TW_PANELS_OF(Q5_0)
TW_PANELS_OF(Q5_1)
TW_PANELS_OF(Q8_0)
TW_PANELS_OF(Q4_K)
TW_PANELS_OF(Q5_K)
TW_PANELS_OF(Q6_K)
TW_PANELS_OF(S8)

#define TW_CASE(format)                                                                                             \
    case TW_FORMAT_##format: panels_of_##format(panels, begin, end, k, x, m, y, y_stride, accumulate); break

static void gemm_quantised(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                           tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    switch (format) {
    TW_CASE(Q4_0);
    TW_CASE(Q4_1);
    TW_CASE(Q5_0);
    TW_CASE(Q5_1);
    TW_CASE(Q8_0);
    TW_CASE(Q4_K);
    TW_CASE(Q5_K);
    TW_CASE(Q6_K);
    TW_CASE(S8);
    case TW_FORMAT_F32: break;
    }
}

#endif
