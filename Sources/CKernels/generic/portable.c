// The portable kernels: plain C, correct on every processor.
#include "CKernels.h"
#include "lanes.h"
#include "quantised_rows.h"

TW_INLINE v8 load_half(const uint16_t *p) {
    v8 x;
    for (int i = 0; i < 8; i++) x[i] = tw_half_to_float(p[i]);
    return x;
}
TW_INLINE void store_half(uint16_t *p, v8 x) {
    for (int i = 0; i < 8; i++) p[i] = tw_float_to_half(x[i]);
}
#define TW_LOAD_HALF load_half
#define TW_STORE_HALF store_half

typedef struct {
    int8_t at[4 * TW_KV_BLOCK];
} byte_vector;
TW_INLINE byte_vector load_values(const uint8_t *p) {
    byte_vector bytes;
    memcpy(bytes.at, p, sizeof bytes.at);
    return bytes;
}
TW_INLINE byte_vector load_keys(const uint8_t *p) {
    byte_vector bytes;
    for (int i = 0; i < 4 * TW_KV_BLOCK; i++) bytes.at[i] = (int8_t)(p[i] - 128);
    return bytes;
}
enum { KEYS_STAY_RAISED = 0, WEIGHTS_ARE_SIGNED = 1 };
TW_INLINE v16i add_keys(v16i sum, byte_vector bytes, const int8_t *four) {
    for (int j = 0; j < TW_KV_BLOCK; j++) {
        for (int i = 0; i < 4; i++) sum[j] += bytes.at[4 * j + i] * four[i];
    }
    return sum;
}
TW_INLINE v16i add_values(v16i sum, byte_vector bytes, const int8_t *weights) {
    return add_keys(sum, bytes, weights);
}
#define TW_LINES 3
#define TW_F32_ROWS 6
#include "float_kernels.h"

static void quantise_block(const float *x, tw_quantised_rows out) {
    float highest = 0;
    for (int i = 0; i < TW_BLOCK; i++) highest = fabsf(x[i]) > highest ? fabsf(x[i]) : highest;
    const float inverse = highest > TW_NEGLIGIBLE ? 127.0f / highest : 0;
    int32_t sum[2] = {0, 0};
    for (int i = 0; i < TW_BLOCK; i++) {
        // Rounds to the nearest integer, ties to even, independent of the processor's conversion.
        const float rounded = (x[i] * inverse + TW_ROUNDING) - TW_ROUNDING;
        out.q[i] = rounded >= -127 && rounded <= 127 ? (int8_t)rounded : 0;
        sum[i / 16] += out.q[i];
    }
    *out.scale = highest / 127.0f;
    *out.scaled_sum = *out.scale * (float)(sum[0] + sum[1]);
    out.offset[0] = -128 * sum[0];
    out.offset[1] = -128 * sum[1];
}

TW_QUANTISE_ROWS(quantise_block)

#include "packed_products.h"

TW_INLINE int32_t dot_columns(const tw_format format, const uint8_t *quants, int r, const int8_t *x, int from, int to) {
    int32_t sum = 0;
    for (int c = from; c < to; c++) {
        const int at = r * 4 + c % 4, group = c / 4;
        const uint8_t byte = quants[(has_nibbles(format) ? group / 2 : group) * 4 * TW_PANEL + at];
        const int32_t w = has_nibbles(format) ? (group & 1 ? byte >> 4 : byte & 15) : (int8_t)byte;
        sum += (w - zero_point(format)) * x[c];
    }
    return sum;
}

// Output row `r` of the chunk's panel, added to `acc`.
TW_INLINE float dot_row(const tw_format format, panel_chunk chunk, int r, tw_quantised_rows x, float acc) {
    for (int64_t b = 0; b < chunk.blocks; b++) {
        const float *scales = scales_of(format, TILE_LATER, chunk, b, NULL) + r, *second = scales + TW_PANEL;
        const uint8_t *quants = quants_of(format, TILE_LATER, chunk, b, NULL);
        const int8_t *q = x.q + b * TW_BLOCK;
        if (has_half_scales(format)) {
            acc = fmaf((float)dot_columns(format, quants, r, q, 0, 16), *scales * x.scale[b], acc);
            acc = fmaf((float)dot_columns(format, quants, r, q, 16, 32), *second * x.scale[b], acc);
        } else {
            acc = fmaf((float)dot_columns(format, quants, r, q, 0, 32), *scales * x.scale[b], acc);
            if (has_minima(format)) acc = fmaf(*second, x.scaled_sum[b], acc);
        }
    }
    return acc;
}

TW_INLINE void chunk_rows(const tw_format format, panel_chunk chunk, int64_t k, tw_quantised_rows x, int64_t rows,
                          row_sums sums) {
    for (int64_t b = 0; b < chunk.blocks; b++) {
        (void)scales_of(format, TILE_FIRST, chunk, b, NULL);
        (void)quants_of(format, TILE_FIRST, chunk, b, NULL);
    }
    for (int64_t row = 0; row < rows; row++) {
        const tw_quantised_rows own = from_row(x, row, k);
        const row_sums out = sums_from(sums, row);
        for (int r = 0; r < TW_PANEL; r++) {
            const float v = dot_row(format, chunk, r, own, out.is_first ? 0 : out.kept[r]);
            if (!out.is_last) out.kept[r] = v;
            else out.y[r] = out.accumulate ? out.y[r] + v : v;
        }
    }
}

const tw_kernels *tw_kernels_portable(void) {
    static const tw_kernels kernels = {"portable", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum, layer_norm, gelu,
                                       add_bias, attend_text};
    return &kernels;
}
