// The portable kernels: plain C, right on every processor.
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
#define TW_LINES 3
#define TW_F32_ROWS 6
#include "float_kernels.h"

static void quantise_block(const float *x, tw_quantised_rows out) {
    float highest = 0;
    for (int i = 0; i < TW_BLOCK; i++) highest = fabsf(x[i]) > highest ? fabsf(x[i]) : highest;
    const float inverse = highest > TW_NEGLIGIBLE ? 127.0f / highest : 0;
    int32_t sum[2] = {0, 0};
    for (int i = 0; i < TW_BLOCK; i++) {
        // 1.5 * 2^23 rounds to the nearest integer, ties to even, whatever the processor's conversion does.
        const float rounded = (x[i] * inverse + 12582912.0f) - 12582912.0f;
        out.q[i] = rounded >= -127 && rounded <= 127 ? (int8_t)rounded : 0;
        sum[i / 16] += out.q[i];
    }
    *out.scale = highest / 127.0f;
    *out.scaled_sum = *out.scale * (float)(sum[0] + sum[1]);
    out.offset[0] = -128 * sum[0];
    out.offset[1] = -128 * sum[1];
}

TW_QUANTISE_ROWS(quantise_block)

static int32_t dot_columns(tw_format format, const uint8_t *quants, int r, const int8_t *x, int from, int to) {
    int32_t sum = 0;
    for (int c = from; c < to; c++) {
        const int at = r * 4 + c % 4, group = c / 4;
        const uint8_t byte = quants[(format == TW_FORMAT_U4 ? group / 2 : group) * 4 * TW_PANEL + at];
        const int32_t w = format == TW_FORMAT_U4 ? (group & 1 ? byte >> 4 : byte & 15) : (int8_t)byte;
        sum += w * x[c];
    }
    return sum;
}

static float dot_row(tw_format format, const uint8_t *panel, int r, int64_t k, const int8_t *q, const float *scale,
                     const float *scaled_sum) {
    float acc = 0;
    for (int64_t b = 0; b < k / TW_BLOCK; b++, q += TW_BLOCK) {
        const float *header = (const float *)panel;
        const uint8_t *quants = panel + (format == TW_FORMAT_S8 ? 4 : 8) * TW_PANEL;
        const float second = format == TW_FORMAT_S8 ? 0 : header[TW_PANEL + r];
        if (format == TW_FORMAT_S8_HALF) {
            acc = fmaf((float)dot_columns(format, quants, r, q, 0, 16), header[r] * scale[b], acc);
            acc = fmaf((float)dot_columns(format, quants, r, q, 16, 32), second * scale[b], acc);
        } else {
            acc = fmaf((float)dot_columns(format, quants, r, q, 0, 32), header[r] * scale[b], acc);
            if (format != TW_FORMAT_S8) acc = fmaf(second, scaled_sum[b], acc);
        }
        panel = quants + (format == TW_FORMAT_U4 ? 16 : 32) * TW_PANEL;
    }
    return acc;
}

static void gemm_quantised(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                           tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate) {
    const int64_t blocks = k / TW_BLOCK;
    for (int64_t p = begin; p < end; p++) {
        const uint8_t *panel = (const uint8_t *)panels + p * tw_panel_bytes(format, k);
        for (int64_t row = 0; row < m; row++) {
            float *out = y + row * y_stride + p * TW_PANEL;
            for (int r = 0; r < TW_PANEL; r++) {
                const float v = dot_row(format, panel, r, k, x.q + row * k, x.scale + row * blocks,
                                        x.scaled_sum + row * blocks);
                out[r] = accumulate ? out[r] + v : v;
            }
        }
    }
}

const tw_kernels *tw_kernels_portable(void) {
    static const tw_kernels kernels = {"portable", quantise_rows, gemm_quantised, gemm_f32, rms_norm, rope,
                                       silu_multiply, add, store_kv, attend, argmax, exp_sum, layer_norm, gelu,
                                       add_bias, attend_text};
    return &kernels;
}
