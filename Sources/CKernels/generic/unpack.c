// Reads the weights of packed panels back, one number at a time.
#include <string.h>

#include "CKernels.h"
#include "packed_layout.h"

bool tw_format_for_type(tw_type type, tw_format *format) {
    switch (type) {
    case TW_TYPE_Q4_0: *format = TW_FORMAT_Q4_0; return true;
    case TW_TYPE_Q4_1: *format = TW_FORMAT_Q4_1; return true;
    case TW_TYPE_Q5_0: *format = TW_FORMAT_Q5_0; return true;
    case TW_TYPE_Q5_1: *format = TW_FORMAT_Q5_1; return true;
    case TW_TYPE_Q8_0: *format = TW_FORMAT_Q8_0; return true;
    case TW_TYPE_Q4_K: *format = TW_FORMAT_Q4_K; return true;
    case TW_TYPE_Q5_K: *format = TW_FORMAT_Q5_K; return true;
    case TW_TYPE_Q6_K: *format = TW_FORMAT_Q6_K; return true;
    case TW_TYPE_F32: case TW_TYPE_F16: case TW_TYPE_BF16: *format = TW_FORMAT_F32; return true;
    }
    return false;
}

int64_t tw_panel_bytes(tw_format format, int64_t k) {
    if (format == TW_FORMAT_F32) return k * TW_PANEL * 4;
    return bytes_of_blocks(format, k / TW_BLOCK);
}

static float half_of(const uint8_t *halves, int r) {
    uint16_t bits;
    memcpy(&bits, halves + 2 * r, sizeof bits);
    return tw_half_to_float(bits);
}

typedef struct {
    float scale[2];  // of columns 0-15 and 16-31
    float minimum;
} row_scales;

static row_scales scales_of(tw_format format, packed_block block, int r) {
    const uint8_t *super = block.super, *own = block.scales;
    row_scales s = {{0, 0}, 0};
    switch (format) {
    case TW_FORMAT_Q4_K: case TW_FORMAT_Q5_K:
        s.scale[0] = s.scale[1] = half_of(super, r) * (float)own[r];
        s.minimum = half_of(super + 2 * TW_PANEL, r) * (float)own[TW_PANEL + r];
        break;
    case TW_FORMAT_Q6_K:
        s.scale[0] = half_of(super, r) * (float)(int8_t)own[r];
        s.scale[1] = half_of(super, r) * (float)(int8_t)own[TW_PANEL + r];
        break;
    case TW_FORMAT_S8:
        memcpy(&s.scale[0], own + 4 * r, sizeof(float));
        s.scale[1] = s.scale[0];
        break;
    default:
        s.scale[0] = s.scale[1] = half_of(own, r);
        if (format == TW_FORMAT_Q4_0) s.minimum = -8 * s.scale[0];
        if (format == TW_FORMAT_Q4_1 || format == TW_FORMAT_Q5_1) s.minimum = half_of(own + 2 * TW_PANEL, r);
    }
    return s;
}

static int quant_of(tw_format format, const uint8_t *quants, int r, int c) {
    const int group = c / 4, at = r * 4 + c % 4, bits = high_bits(format);
    if (!has_nibbles(format) && bits == 0) return (int8_t)quants[group * 4 * TW_PANEL + at];
    const uint8_t both = quants[bits * PLANE_BYTES + group / 2 * 4 * TW_PANEL + at];
    const int low = group & 1 ? both >> 4 : both & 15;
    if (bits == 0) return low;
    // A plane of single bits holds the bits of all eight groups, a plane of bit pairs those of four.
    const int shared = 8 / bits;
    const uint8_t plane = quants[group / shared * 4 * TW_PANEL + at];
    const int high = (plane >> (group % shared * bits)) & ((1 << bits) - 1);
    return (low | high << 4) - zero_point(format);
}

void tw_unpack_row(tw_format format, const void *panels, int64_t k, int64_t row, float *out) {
    const uint8_t *panel = (const uint8_t *)panels + row / TW_PANEL * tw_panel_bytes(format, k);
    const int r = (int)(row % TW_PANEL);
    if (format == TW_FORMAT_F32) {
        for (int64_t c = 0; c < k; c++) out[c] = ((const float *)panel)[c * TW_PANEL + r];
        return;
    }
    for (int64_t b = 0; b < k / TW_BLOCK; b++) {
        const packed_block block = block_at(format, panel, b);
        const row_scales s = scales_of(format, block, r);
        for (int c = 0; c < TW_BLOCK; c++) {
            const float value = s.scale[c / 16] * (float)quant_of(format, block.quants, r, c);
            out[b * TW_BLOCK + c] = has_minima(format) ? value + s.minimum : value;
        }
    }
}
