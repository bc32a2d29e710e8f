// The way of the products of quantised rows through packed panels, the same for every kind of processor. The including
// file defines `panel_rows`, which multiplies one panel with some rows.
#ifndef TW_PACKED_PRODUCTS_H
#define TW_PACKED_PRODUCTS_H

#include "CKernels.h"
#include "lanes.h"
#include "quantised_rows.h"

// Bytes of a block's scales (and minima), which stand before its quants, and of all of it.
TW_INLINE int64_t header_bytes(const tw_format format) { return (format == TW_FORMAT_S8 ? 1 : 2) * TW_PANEL * 4; }
TW_INLINE int64_t block_bytes(const tw_format format) {
    return header_bytes(format) + (format == TW_FORMAT_U4 ? 16 : 32) * TW_PANEL;
}

// y[r][0...15] (+)= x[r] . the panel's rows, for `rows` rows, at most 64. `panel_bytes` further stands the next panel.
TW_INLINE void panel_rows(const tw_format format, const uint8_t *panel, int64_t panel_bytes, int64_t k,
                          tw_quantised_rows x, int64_t rows, float *y, int64_t y_stride, bool accumulate);

TW_INLINE void panels_of(const tw_format format, const uint8_t *panels, int64_t begin, int64_t end, int64_t k,
                         tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    // Rows in blocks that stay in the second-level cache while the panels stream past them.
    enum { ROWS = 64 };
    const int64_t bytes = tw_panel_bytes(format, k);
    for (int64_t top = 0; top < m; top += ROWS) {
        const int64_t rows = m - top < ROWS ? m - top : ROWS;
        for (int64_t p = begin; p < end; p++) {
            panel_rows(format, panels + p * bytes, bytes, k, from_row(x, top, k), rows,
                       y + top * y_stride + p * TW_PANEL, y_stride, accumulate);
        }
    }
}

static void gemm_quantised(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                           tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    switch (format) {
    case TW_FORMAT_U4: panels_of(TW_FORMAT_U4, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8: panels_of(TW_FORMAT_S8, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8_MIN: panels_of(TW_FORMAT_S8_MIN, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_S8_HALF: panels_of(TW_FORMAT_S8_HALF, panels, begin, end, k, x, m, y, y_stride, accumulate); break;
    case TW_FORMAT_F32: break;
    }
}

#endif
