// From the block formats of model files to panels. Values are kept: scale * q (+ minimum) is what the file says, with
// products of two stored scales formed in f32, where they are exact.
#include <math.h>
#include <string.h>

#include "CKernels.h"

enum { SUPER = 256 };

typedef struct {
    float scale[2];  // of columns 0-15 and 16-31
    float minimum;
    int8_t q[TW_BLOCK];
} block32;

static uint16_t read16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static float half_at(const uint8_t *p) { return tw_half_to_float(read16(p)); }

static void set_scale(block32 *b, float scale, float minimum) {
    b->scale[0] = b->scale[1] = scale;
    b->minimum = minimum;
}

static void nibbles(block32 *b, const uint8_t *p) {
    for (int i = 0; i < 16; i++) {
        b->q[i] = (int8_t)(p[i] & 15);
        b->q[i + 16] = (int8_t)(p[i] >> 4);
    }
}

static void fifth_bits(block32 *b, const uint8_t *p, int offset) {
    uint32_t high;
    memcpy(&high, p, sizeof high);
    for (int i = 0; i < TW_BLOCK; i++) b->q[i] = (int8_t)((b->q[i] | (((high >> i) & 1) << 4)) - offset);
}

// The 6-bit scale and minimum of sub-block j (0...7) of a Q4_K or Q5_K super-block.
static void k_scale(const uint8_t *s, int j, int *scale, int *minimum) {
    if (j < 4) {
        *scale = s[j] & 63;
        *minimum = s[j + 4] & 63;
    } else {
        *scale = (s[j + 4] & 15) | ((s[j - 4] >> 6) << 4);
        *minimum = (s[j + 4] >> 4) | ((s[j] >> 6) << 4);
    }
}

static void q4_k(const uint8_t *super, int j, block32 *b) {
    int scale, minimum;
    k_scale(super + 4, j, &scale, &minimum);
    set_scale(b, half_at(super) * (float)scale, -(half_at(super + 2) * (float)minimum));
    const uint8_t *q = super + 16 + (j / 2) * 32;
    for (int i = 0; i < TW_BLOCK; i++) b->q[i] = (int8_t)(j & 1 ? q[i] >> 4 : q[i] & 15);
}

static void q5_k(const uint8_t *super, int j, block32 *b) {
    int scale, minimum;
    k_scale(super + 4, j, &scale, &minimum);
    set_scale(b, half_at(super) * (float)scale, -(half_at(super + 2) * (float)minimum));
    const uint8_t *high = super + 16;
    const uint8_t *q = super + 48 + (j / 2) * 32;
    for (int i = 0; i < TW_BLOCK; i++) {
        const int low = j & 1 ? q[i] >> 4 : q[i] & 15;
        b->q[i] = (int8_t)(low | (((high[i] >> j) & 1) << 4));
    }
}

// A Q6_K super-block: 128 bytes of low nibbles, 64 of high pairs, 16 signed scales, the f16 scale.
static void q6_k(const uint8_t *super, int j, block32 *b) {
    const int half = j / 4, quarter = j % 4;
    const uint8_t *low = super + half * 64 + (quarter & 1) * 32;
    const uint8_t *high = super + 128 + half * 32;
    const int8_t *scales = (const int8_t *)(super + 192) + half * 8 + quarter * 2;
    const float d = half_at(super + 208);
    b->scale[0] = d * (float)scales[0];
    b->scale[1] = d * (float)scales[1];
    b->minimum = 0;
    for (int i = 0; i < TW_BLOCK; i++) {
        const int nibble = quarter < 2 ? low[i] & 15 : low[i] >> 4;
        b->q[i] = (int8_t)((nibble | (((high[i] >> (2 * quarter)) & 3) << 4)) - 32);
    }
}

// Decodes columns [32 * index, 32 * index + 32) of a row.
static void read_block(tw_type type, const uint8_t *row, int64_t index, block32 *b) {
    const int64_t super = index / (SUPER / TW_BLOCK);
    const int part = (int)(index % (SUPER / TW_BLOCK));
    float d;
    switch (type) {
    case TW_TYPE_Q4_0:
        row += index * 18;
        d = half_at(row);
        set_scale(b, d, -8 * d);
        nibbles(b, row + 2);
        break;
    case TW_TYPE_Q4_1:
        row += index * 20;
        set_scale(b, half_at(row), half_at(row + 2));
        nibbles(b, row + 4);
        break;
    case TW_TYPE_Q5_0:
        row += index * 22;
        set_scale(b, half_at(row), 0);
        nibbles(b, row + 6);
        fifth_bits(b, row + 2, 16);
        break;
    case TW_TYPE_Q5_1:
        row += index * 24;
        set_scale(b, half_at(row), half_at(row + 2));
        nibbles(b, row + 8);
        fifth_bits(b, row + 4, 0);
        break;
    case TW_TYPE_Q8_0:
        row += index * 34;
        set_scale(b, half_at(row), 0);
        memcpy(b->q, row + 2, TW_BLOCK);
        break;
    case TW_TYPE_Q4_K: q4_k(row + super * 144, part, b); break;
    case TW_TYPE_Q5_K: q5_k(row + super * 176, part, b); break;
    case TW_TYPE_Q6_K: q6_k(row + super * 210, part, b); break;
    default: memset(b, 0, sizeof *b);
    }
}

bool tw_format_for_type(tw_type type, tw_format *format) {
    switch (type) {
    case TW_TYPE_Q4_0: case TW_TYPE_Q4_1: case TW_TYPE_Q4_K: *format = TW_FORMAT_U4; return true;
    case TW_TYPE_Q5_0: case TW_TYPE_Q8_0: *format = TW_FORMAT_S8; return true;
    case TW_TYPE_Q5_1: case TW_TYPE_Q5_K: *format = TW_FORMAT_S8_MIN; return true;
    case TW_TYPE_Q6_K: *format = TW_FORMAT_S8_HALF; return true;
    case TW_TYPE_F32: case TW_TYPE_F16: case TW_TYPE_BF16: *format = TW_FORMAT_F32; return true;
    }
    return false;
}

static int64_t header_floats(tw_format format) { return format == TW_FORMAT_S8 ? TW_PANEL : 2 * TW_PANEL; }

static int64_t block_bytes(tw_format format) {
    return header_floats(format) * 4 + (format == TW_FORMAT_U4 ? TW_PANEL * TW_BLOCK / 2 : TW_PANEL * TW_BLOCK);
}

int64_t tw_panel_bytes(tw_format format, int64_t k) {
    if (format == TW_FORMAT_F32) return k * TW_PANEL * 4;
    return k / TW_BLOCK * block_bytes(format);
}

static void store_block(tw_format format, const block32 rows[TW_PANEL], uint8_t *out) {
    float header[2 * TW_PANEL];
    for (int r = 0; r < TW_PANEL; r++) {
        header[r] = rows[r].scale[0];
        header[TW_PANEL + r] = format == TW_FORMAT_S8_HALF ? rows[r].scale[1] : rows[r].minimum;
    }
    const int64_t bytes = header_floats(format) * 4;
    memcpy(out, header, (size_t)bytes);
    out += bytes;
    // Groups of 4 columns, 16 rows side by side: 64 bytes feed one multiply of bytes against 4 activations.
    for (int r = 0; r < TW_PANEL; r++) {
        for (int c = 0; c < TW_BLOCK; c++) {
            const int group = c / 4, at = r * 4 + c % 4;
            if (format == TW_FORMAT_U4) {
                uint8_t *byte = out + group / 2 * 4 * TW_PANEL + at;
                const uint8_t q = (uint8_t)rows[r].q[c];
                *byte = group & 1 ? (uint8_t)(*byte | (q << 4)) : q;
            } else {
                out[group * 4 * TW_PANEL + at] = (uint8_t)rows[r].q[c];
            }
        }
    }
}

static float read_float(tw_type type, const uint8_t *row, int64_t c) {
    uint32_t bits;
    float f;
    switch (type) {
    case TW_TYPE_F16: return half_at(row + c * 2);
    case TW_TYPE_BF16:
        bits = (uint32_t)read16(row + c * 2) << 16;
        memcpy(&f, &bits, sizeof f);
        return f;
    default: memcpy(&f, row + c * 4, sizeof f); return f;
    }
}

void tw_pack(tw_type type, const void *rows, int64_t row_bytes, int64_t n, int64_t k, int64_t begin, int64_t end,
             void *panels) {
    tw_format format;
    if (!tw_format_for_type(type, &format)) return;
    const int64_t panel_bytes = tw_panel_bytes(format, k);
    for (int64_t p = begin; p < end; p++) {
        uint8_t *out = (uint8_t *)panels + p * panel_bytes;
        const uint8_t *base = (const uint8_t *)rows + p * TW_PANEL * row_bytes;
        const int64_t live = n - p * TW_PANEL < TW_PANEL ? n - p * TW_PANEL : TW_PANEL;
        if (format == TW_FORMAT_F32) {
            float *f = (float *)out;
            for (int64_t c = 0; c < k; c++) {
                for (int64_t r = 0; r < TW_PANEL; r++) {
                    f[c * TW_PANEL + r] = r < live ? read_float(type, base + r * row_bytes, c) : 0;
                }
            }
            continue;
        }
        for (int64_t b = 0; b < k / TW_BLOCK; b++) {
            block32 block[TW_PANEL];
            memset(block, 0, sizeof block);
            for (int64_t r = 0; r < live; r++) read_block(type, base + r * row_bytes, b, &block[r]);
            store_block(format, block, out + b * block_bytes(format));
        }
    }
}

static void round_block(const float *x, block32 *b) {
    float highest = 0;
    for (int i = 0; i < TW_BLOCK; i++) highest = fabsf(x[i]) > highest ? fabsf(x[i]) : highest;
    const float scale = highest / 127.0f;
    set_scale(b, scale, 0);
    for (int i = 0; i < TW_BLOCK; i++) {
        const float q = scale > 0 ? rintf(x[i] / scale) : 0;
        // Infinity over infinity is no number either; the scale of a tiny block may round the quotient past 127.
        b->q[i] = q >= -127 && q <= 127 ? (int8_t)q : q > 127 ? 127 : q < -127 ? -127 : 0;
    }
}

void tw_pack_rounded(const float *rows, int64_t n, int64_t k, int64_t begin, int64_t end, void *panels) {
    const int64_t bytes = block_bytes(TW_FORMAT_S8);
    for (int64_t p = begin; p < end; p++) {
        uint8_t *out = (uint8_t *)panels + p * tw_panel_bytes(TW_FORMAT_S8, k);
        const int64_t live = n - p * TW_PANEL < TW_PANEL ? n - p * TW_PANEL : TW_PANEL;
        for (int64_t b = 0; b < k / TW_BLOCK; b++) {
            block32 block[TW_PANEL];
            memset(block, 0, sizeof block);
            for (int64_t r = 0; r < live; r++) {
                round_block(rows + (p * TW_PANEL + r) * k + b * TW_BLOCK, &block[r]);
            }
            store_block(TW_FORMAT_S8, block, out + b * bytes);
        }
    }
}

static int quant_at(tw_format format, const uint8_t *quants, int r, int c) {
    const int group = c / 4, at = r * 4 + c % 4;
    if (format == TW_FORMAT_U4) {
        const uint8_t byte = quants[group / 2 * 4 * TW_PANEL + at];
        return group & 1 ? byte >> 4 : byte & 15;
    }
    return (int8_t)quants[group * 4 * TW_PANEL + at];
}

void tw_unpack_row(tw_format format, const void *panels, int64_t k, int64_t row, float *out) {
    const uint8_t *panel = (const uint8_t *)panels + row / TW_PANEL * tw_panel_bytes(format, k);
    const int r = (int)(row % TW_PANEL);
    if (format == TW_FORMAT_F32) {
        for (int64_t c = 0; c < k; c++) out[c] = ((const float *)panel)[c * TW_PANEL + r];
        return;
    }
    for (int64_t b = 0; b < k / TW_BLOCK; b++) {
        const uint8_t *block = panel + b * block_bytes(format);
        const float *header = (const float *)block;
        const uint8_t *quants = block + header_floats(format) * 4;
        const float second = format == TW_FORMAT_S8 ? 0 : header[TW_PANEL + r];
        for (int c = 0; c < TW_BLOCK; c++) {
            const float q = (float)quant_at(format, quants, r, c);
            const bool half = format == TW_FORMAT_S8_HALF;
            const float scale = half && c >= 16 ? second : header[r];
            out[b * TW_BLOCK + c] = half ? scale * q : scale * q + second;
        }
    }
}
