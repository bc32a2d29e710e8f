// Packs the block formats of model files into panels. Numbers stay as the file has them: a half-precision scale stays
// in half precision, and kernels form the products of two stored scales in f32, where they are exact.
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "packed_layout.h"

// The numbers that a panel stores for 32 columns of one row; a format uses some of the scales.
typedef struct {
    uint16_t shared[2];  // f16, of 256 columns: scale, and minimum with its sign turned
    uint16_t half[2];    // f16, of 32 columns: scale and minimum
    uint8_t part[2];     // the integer factors of `shared`; in Q6_K those of columns 0-15 and 16-31
    float scale;         // f32
    uint8_t q[TW_BLOCK];
} block32;

static uint16_t read16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static void nibbles(block32 *b, const uint8_t *p) {
    for (int i = 0; i < 16; i++) {
        b->q[i] = p[i] & 15;
        b->q[i + 16] = p[i] >> 4;
    }
}

static void fifth_bits(block32 *b, const uint8_t *p) {
    uint32_t high;
    memcpy(&high, p, sizeof high);
    for (int i = 0; i < TW_BLOCK; i++) b->q[i] = (uint8_t)(b->q[i] | (((high >> i) & 1) << 4));
}

// The 6-bit scale and minimum of sub-block j (0...7) of a Q4_K or Q5_K super-block.
static void k_scale(const uint8_t *s, int j, uint8_t part[2]) {
    if (j < 4) {
        part[0] = s[j] & 63;
        part[1] = s[j + 4] & 63;
    } else {
        part[0] = (uint8_t)((s[j + 4] & 15) | ((s[j - 4] >> 6) << 4));
        part[1] = (uint8_t)((s[j + 4] >> 4) | ((s[j] >> 6) << 4));
    }
}

// The scales of a Q4_K or Q5_K super-block. The file's minima are subtracted from the weight, a panel's are added: the
// shared minimum changes its sign.
static void k_scales(const uint8_t *super, int j, block32 *b) {
    b->shared[0] = read16(super);
    b->shared[1] = read16(super + 2) ^ 0x8000;
    k_scale(super + 4, j, b->part);
}

static void q4_k(const uint8_t *super, int j, block32 *b) {
    k_scales(super, j, b);
    const uint8_t *q = super + 16 + (j / 2) * 32;
    for (int i = 0; i < TW_BLOCK; i++) b->q[i] = j & 1 ? q[i] >> 4 : q[i] & 15;
}

static void q5_k(const uint8_t *super, int j, block32 *b) {
    k_scales(super, j, b);
    const uint8_t *high = super + 16;
    const uint8_t *q = super + 48 + (j / 2) * 32;
    for (int i = 0; i < TW_BLOCK; i++) {
        const int low = j & 1 ? q[i] >> 4 : q[i] & 15;
        b->q[i] = (uint8_t)(low | (((high[i] >> j) & 1) << 4));
    }
}

// A Q6_K super-block: 128 bytes of low nibbles, 64 of high pairs, 16 signed scales, the f16 scale.
static void q6_k(const uint8_t *super, int j, block32 *b) {
    const int half = j / 4, quarter = j % 4;
    const uint8_t *low = super + half * 64 + (quarter & 1) * 32;
    const uint8_t *high = super + 128 + half * 32;
    const uint8_t *scales = super + 192 + half * 8 + quarter * 2;
    b->shared[0] = read16(super + 208);
    b->part[0] = scales[0];
    b->part[1] = scales[1];
    for (int i = 0; i < TW_BLOCK; i++) {
        const int nibble = quarter < 2 ? low[i] & 15 : low[i] >> 4;
        b->q[i] = (uint8_t)(nibble | (((high[i] >> (2 * quarter)) & 3) << 4));
    }
}

// Decodes columns [32 * index, 32 * index + 32) of a row.
static void read_block(tw_type type, const uint8_t *row, int64_t index, block32 *b) {
    const int64_t super = index / SUPER_BLOCKS;
    const int part = (int)(index % SUPER_BLOCKS);
    switch (type) {
    case TW_TYPE_Q4_0:
        row += index * 18;
        nibbles(b, row + 2);
        break;
    case TW_TYPE_Q4_1:
        row += index * 20;
        nibbles(b, row + 4);
        break;
    case TW_TYPE_Q5_0:
        row += index * 22;
        nibbles(b, row + 6);
        fifth_bits(b, row + 2);
        break;
    case TW_TYPE_Q5_1:
        row += index * 24;
        nibbles(b, row + 8);
        fifth_bits(b, row + 4);
        break;
    case TW_TYPE_Q8_0:
        row += index * 34;
        memcpy(b->q, row + 2, TW_BLOCK);
        break;
    case TW_TYPE_Q4_K: q4_k(row + super * 144, part, b); return;
    case TW_TYPE_Q5_K: q5_k(row + super * 176, part, b); return;
    case TW_TYPE_Q6_K: q6_k(row + super * 210, part, b); return;
    default: return;
    }
    b->half[0] = read16(row);
    b->half[1] = read16(row + 2);
}

// Stores one 16-bit number of each row, row after row.
static void store_halves(const block32 rows[TW_PANEL], size_t offset, uint8_t *out) {
    for (int r = 0; r < TW_PANEL; r++) memcpy(out + 2 * r, (const uint8_t *)&rows[r] + offset, sizeof(uint16_t));
}

static void store_scales(tw_format format, const block32 rows[TW_PANEL], uint8_t *out) {
    if (has_supers(format)) {
        for (int r = 0; r < TW_PANEL; r++) {
            out[r] = rows[r].part[0];
            out[TW_PANEL + r] = rows[r].part[1];
        }
    } else if (format == TW_FORMAT_S8) {
        for (int r = 0; r < TW_PANEL; r++) memcpy(out + 4 * r, &rows[r].scale, sizeof(float));
    } else {
        store_halves(rows, offsetof(block32, half[0]), out);
        if (scale_bytes(format) > 2 * TW_PANEL) store_halves(rows, offsetof(block32, half[1]), out + 2 * TW_PANEL);
    }
}

// Stores groups of 4 columns of 16 rows: 64 bytes feed one byte multiplication with 4 activations. Two groups share 64
// bytes of nibbles. Higher bits lie in planes before the nibbles: a plane of single bits holds the bits of all groups,
// a plane of bit pairs those of four.
static void store_quants(tw_format format, const block32 rows[TW_PANEL], uint8_t *out) {
    const int bits = high_bits(format);
    memset(out, 0, (size_t)quant_bytes(format));
    for (int r = 0; r < TW_PANEL; r++) {
        for (int c = 0; c < TW_BLOCK; c++) {
            const int group = c / 4, at = r * 4 + c % 4, q = rows[r].q[c];
            if (!has_nibbles(format) && bits == 0) {
                out[group * 4 * TW_PANEL + at] = (uint8_t)q;
                continue;
            }
            out[bits * PLANE_BYTES + group / 2 * 4 * TW_PANEL + at] |= (uint8_t)((q & 15) << (group & 1 ? 4 : 0));
            if (bits == 0) continue;
            const int shared = 8 / bits;
            out[group / shared * 4 * TW_PANEL + at] |= (uint8_t)((q >> 4) << (group % shared * bits));
        }
    }
}

// Stores block `b` of a panel.
static void store_block(tw_format format, const block32 rows[TW_PANEL], int64_t b, uint8_t *panel) {
    const packed_block block = block_at(format, panel, b);
    if (has_supers(format) && b % SUPER_BLOCKS == 0) {
        uint8_t *super = panel + (block.super - panel);
        store_halves(rows, offsetof(block32, shared[0]), super);
        if (super_bytes(format) > 2 * TW_PANEL) {
            store_halves(rows, offsetof(block32, shared[1]), super + 2 * TW_PANEL);
        }
    }
    store_scales(format, rows, panel + (block.scales - panel));
    store_quants(format, rows, panel + (block.quants - panel));
}

static float read_float(tw_type type, const uint8_t *row, int64_t c) {
    uint32_t bits;
    float f;
    switch (type) {
    case TW_TYPE_F16: return tw_half_to_float(read16(row + c * 2));
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
            store_block(format, block, b, out);
        }
    }
}

static void round_block(const float *x, block32 *b) {
    float highest = 0;
    for (int i = 0; i < TW_BLOCK; i++) highest = fabsf(x[i]) > highest ? fabsf(x[i]) : highest;
    const float scale = highest / 127.0f;
    b->scale = scale;
    for (int i = 0; i < TW_BLOCK; i++) {
        const float q = scale > 0 ? rintf(x[i] / scale) : 0;
        // Infinity over infinity is NaN too and becomes 0; the scale of a tiny block may round the quotient past 127.
        b->q[i] = (uint8_t)(int8_t)(q >= -127 && q <= 127 ? q : q > 127 ? 127 : q < -127 ? -127 : 0);
    }
}

void tw_pack_rounded(const float *rows, int64_t n, int64_t k, int64_t begin, int64_t end, void *panels) {
    for (int64_t p = begin; p < end; p++) {
        uint8_t *out = (uint8_t *)panels + p * tw_panel_bytes(TW_FORMAT_S8, k);
        const int64_t live = n - p * TW_PANEL < TW_PANEL ? n - p * TW_PANEL : TW_PANEL;
        for (int64_t b = 0; b < k / TW_BLOCK; b++) {
            block32 block[TW_PANEL];
            memset(block, 0, sizeof block);
            for (int64_t r = 0; r < live; r++) {
                round_block(rows + (p * TW_PANEL + r) * k + b * TW_BLOCK, &block[r]);
            }
            store_block(TW_FORMAT_S8, block, b, out);
        }
    }
}
