// The floating-point kernels, written once and compiled for each kind of processor. The including file defines
// TW_LOAD_HALF(p) -> v8 and TW_STORE_HALF(p, v8).
#ifndef TW_FLOAT_KERNELS_H
#define TW_FLOAT_KERNELS_H

#include "CKernels.h"
#include "lanes.h"

static void rms_norm(const float *x, int64_t x_stride, const float *weight, float eps, int64_t m, int64_t k, float *y,
                     int64_t y_stride) {
    for (int64_t r = 0; r < m; r++, x += x_stride, y += y_stride) {
        v8 lanes = v8_set(0);
        int64_t i = 0;
        for (; i + 8 <= k; i += 8) {
            const v8 v = v8_load(x + i);
            lanes = v8_fma(v, v, lanes);
        }
        float sum = v8_sum(lanes);
        for (int64_t j = i; j < k; j++) sum += x[j] * x[j];
        const float inverse = 1.0f / sqrtf(sum / (float)k + eps);
        for (i = 0; i + 8 <= k; i += 8) v8_store(y + i, v8_load(x + i) * v8_set(inverse) * v8_load(weight + i));
        for (; i < k; i++) y[i] = x[i] * inverse * weight[i];
    }
}

static void rope(float *x, int64_t heads, int64_t head_dim, const float *cosine, const float *sine, int64_t pairs,
                 bool interleaved) {
    for (int64_t h = 0; h < heads; h++, x += head_dim) {
        for (int64_t i = 0; i < pairs; i++) {
            float *a = interleaved ? x + 2 * i : x + i;
            float *b = interleaved ? x + 2 * i + 1 : x + i + pairs;
            const float u = *a, v = *b;
            *a = u * cosine[i] - v * sine[i];
            *b = u * sine[i] + v * cosine[i];
        }
    }
}

static void silu_multiply(float *gate, const float *up, int64_t m, int64_t k, int64_t stride) {
    for (int64_t r = 0; r < m; r++, gate += stride, up += stride) {
        for (int64_t i = 0; i + 8 <= k; i += 8) {
            const v8 g = v8_load(gate + i);
            v8_store(gate + i, g / (v8_set(1) + v8_exp(-g)) * v8_load(up + i));
        }
    }
}

static void add(float *y, const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] += x[i];
}

static void store_kv(const float *key, const float *value, int64_t head_dim, int64_t slot, uint16_t *k, uint16_t *v) {
    for (int64_t d = 0; d + 8 <= head_dim; d += 8) {
        uint16_t column[8];
        TW_STORE_HALF(column, v8_load(key + d));
        for (int64_t i = 0; i < 8; i++) k[(d + i) * TW_KV_BLOCK + slot] = column[i];
        TW_STORE_HALF(v + slot * head_dim + d, v8_load(value + d));
    }
}

static int64_t argmax(const float *x, int64_t count, float *value) {
    v8 best = v8_set(-INFINITY);
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) best = v8_max(v8_load(x + i), best);
    float highest = v8_highest(best);
    for (; i < count; i++) highest = x[i] > highest ? x[i] : highest;
    *value = highest;
    for (i = 0; i < count; i++) {
        if (x[i] == highest) return i;
    }
    return -1;
}

static double exp_sum(const float *x, int64_t count, float shift, float scale, float *y) {
    double sum = 0;
    int64_t i = 0;
    while (i < count) {
        // Sums of at most 512 values stay in f32 lanes; the running total is f64.
        const int64_t stop = i + 512 < count ? i + 512 : count;
        v8 lanes = v8_set(0);
        for (; i + 8 <= stop; i += 8) {
            const v8 t = (v8_load(x + i) - v8_set(shift)) * v8_set(scale);
            const v8 e = v8_select(t == t, v8_exp(t), v8_set(0));
            v8_store(y + i, e);
            lanes += e;
        }
        sum += (double)v8_sum(lanes);
        for (; i < stop; i++) {
            const float t = (x[i] - shift) * scale;
            y[i] = t == t ? v8_exp(v8_set(t))[0] : 0;
            sum += (double)y[i];
        }
    }
    return sum;
}

// One query head of one row, against one block at a time.
typedef struct {
    const float *q;
    float *out;
    float *highest;
    float *total;
    int64_t visible;  // keys of this block that the line may see, 1...16
} attention_line;

// A block's keys [head_dim][16] and values [16][head_dim]: as stored, or widened before by `widen_block`.
typedef struct {
    const uint16_t *k;
    const uint16_t *v;
    const float *keys;
    const float *values;
} attention_block;

TW_INLINE v8 block_key(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->keys + at) : TW_LOAD_HALF(block->k + at);
}
TW_INLINE v8 block_value(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->values + at) : TW_LOAD_HALF(block->v + at);
}

// out = out * keep + sum of p[j] * value[j] over the visible j in order, for lines that see equally many keys.
TW_INLINE void attend_values(const attention_line *line, const int lines, const attention_block *block,
                             const bool widened, int64_t head_dim, const float p[4][TW_KV_BLOCK], const float *keep) {
    int64_t d = 0;
    for (; d + 16 <= head_dim; d += 16) {
        v8 low[4], high[4];
        for (int l = 0; l < lines; l++) {
            low[l] = v8_load(line[l].out + d) * v8_set(keep[l]);
            high[l] = v8_load(line[l].out + d + 8) * v8_set(keep[l]);
        }
        for (int64_t j = 0; j < line[0].visible; j++) {
            const v8 v0 = block_value(block, widened, j * head_dim + d);
            const v8 v1 = block_value(block, widened, j * head_dim + d + 8);
            for (int l = 0; l < lines; l++) {
                low[l] = v8_fma(v8_set(p[l][j]), v0, low[l]);
                high[l] = v8_fma(v8_set(p[l][j]), v1, high[l]);
            }
        }
        for (int l = 0; l < lines; l++) {
            v8_store(line[l].out + d, low[l]);
            v8_store(line[l].out + d + 8, high[l]);
        }
    }
    for (; d + 8 <= head_dim; d += 8) {
        for (int l = 0; l < lines; l++) {
            v8 o = v8_load(line[l].out + d) * v8_set(keep[l]);
            for (int64_t j = 0; j < line[l].visible; j++) {
                o = v8_fma(v8_set(p[l][j]), block_value(block, widened, j * head_dim + d), o);
            }
            v8_store(line[l].out + d, o);
        }
    }
}

// Scores of 1 to 4 lines against the 16 keys of a block, then one online-softmax update of each.
TW_INLINE void attend_lines(const attention_line *line, const int lines, const attention_block *block,
                            const bool widened, int64_t head_dim, float scale) {
    v8 low[4], high[4];
    for (int l = 0; l < lines; l++) low[l] = high[l] = v8_set(0);
    for (int64_t d = 0; d < head_dim; d++) {
        const v8 k0 = block_key(block, widened, d * TW_KV_BLOCK);
        const v8 k1 = block_key(block, widened, d * TW_KV_BLOCK + 8);
        for (int l = 0; l < lines; l++) {
            const v8 q = v8_set(line[l].q[d]);
            low[l] = v8_fma(q, k0, low[l]);
            high[l] = v8_fma(q, k1, high[l]);
        }
    }
    const v8i index = {0, 1, 2, 3, 4, 5, 6, 7};
    const v8 none = v8_set(-INFINITY);
    float p[4][TW_KV_BLOCK], sums[4], keep[8] = {0};
    for (int l = 0; l < lines; l++) {
        const int32_t visible = (int32_t)line[l].visible;
        const v8 s0 = v8_select(index < visible, low[l] * v8_set(scale), none);
        const v8 s1 = v8_select(index + 8 < visible, high[l] * v8_set(scale), none);
        const float before = *line[l].highest;
        const float now = v8_highest(v8_max(v8_max(s0, s1), v8_set(before)));
        const v8 p0 = v8_exp(s0 - v8_set(now)), p1 = v8_exp(s1 - v8_set(now));
        v8_store(p[l], p0);
        v8_store(p[l] + 8, p1);
        sums[l] = v8_sum(p0 + p1);
        keep[l] = before - now;
        *line[l].highest = now;
    }
    v8_store(keep, v8_exp(v8_load(keep)));
    bool alike = true;
    for (int l = 0; l < lines; l++) {
        *line[l].total = fmaf(*line[l].total, keep[l], sums[l]);
        alike = alike && line[l].visible == line[0].visible;
    }
    if (alike) {
        attend_values(line, lines, block, widened, head_dim, p, keep);
    } else {
        // Rows of a prompt that end within this block: one by one, since values past a row's end are not its own.
        for (int l = 0; l < lines; l++) {
            attend_values(line + l, 1, block, widened, head_dim, (const float(*)[TW_KV_BLOCK])p[l], keep + l);
        }
    }
}

TW_INLINE void attend_group(const attention_line *line, int lines, const attention_block *block, const bool widened,
                            int64_t head_dim, float scale) {
    switch (lines) {
    case 4: attend_lines(line, 4, block, widened, head_dim, scale); break;
    case 3: attend_lines(line, 3, block, widened, head_dim, scale); break;
    case 2: attend_lines(line, 2, block, widened, head_dim, scale); break;
    default: attend_lines(line, 1, block, widened, head_dim, scale);
    }
}

static void attend(const tw_attention *job) {
    const int64_t dim = job->head_dim, group = job->group, lines = job->rows * group;
    float *keys = job->scratch, *values = keys + TW_KV_BLOCK * dim;
    float *highest = values + TW_KV_BLOCK * dim, *total = highest + lines;
    for (int64_t i = 0; i < lines; i++) {
        highest[i] = -INFINITY;
        total[i] = 0;
        memset(job->out + i / group * job->out_stride + i % group * dim, 0, (size_t)dim * sizeof(float));
    }
    const bool widened = lines > 4;  // a block that several groups of lines read is widened once
    const int64_t last = job->first_position + job->rows - 1;
    for (int64_t start = 0; start <= last; start += TW_KV_BLOCK) {
        const int64_t offset = (int64_t)job->blocks[start / TW_KV_BLOCK] * job->block_stride;
        const attention_block block = {job->k + offset, job->v + offset, keys, values};
        for (int64_t i = 0; widened && i < TW_KV_BLOCK * dim; i += 8) {
            v8_store(keys + i, TW_LOAD_HALF(block.k + i));
            v8_store(values + i, TW_LOAD_HALF(block.v + i));
        }
        // The first row that sees this block; rows before it end earlier.
        int64_t i = start > job->first_position ? (start - job->first_position) * group : 0;
        while (i < lines) {
            attention_line line[4];
            const int count = lines - i < 4 ? (int)(lines - i) : 4;
            for (int l = 0; l < count; l++, i++) {
                const int64_t row = i / group, head = i % group;
                const int64_t visible = job->first_position + row - start + 1;
                line[l] = (attention_line){job->q + row * job->q_stride + head * dim,
                                           job->out + row * job->out_stride + head * dim, highest + i, total + i,
                                           visible < TW_KV_BLOCK ? visible : TW_KV_BLOCK};
            }
            if (widened) {
                attend_group(line, count, &block, true, dim, job->scale);
            } else {
                attend_group(line, count, &block, false, dim, job->scale);
            }
        }
    }
    for (int64_t i = 0; i < lines; i++) {
        float *out = job->out + i / group * job->out_stride + i % group * dim;
        const v8 inverse = v8_set(1.0f / total[i]);
        for (int64_t d = 0; d + 8 <= dim; d += 8) v8_store(out + d, v8_load(out + d) * inverse);
    }
}

// One panel of f32 weights [k][8] against up to 8 rows.
TW_INLINE void f32_tile(const float *panel, int64_t k, const float *x, const int rows, float *y, int64_t y_stride,
                        bool accumulate) {
    v8 acc[8];
    for (int r = 0; r < rows; r++) acc[r] = v8_set(0);
    for (int64_t c = 0; c < k; c++) {
        const v8 w = v8_load(panel + c * TW_PANEL);
        for (int r = 0; r < rows; r++) acc[r] = v8_fma(v8_set(x[r * k + c]), w, acc[r]);
    }
    for (int r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        v8_store(out, accumulate ? v8_load(out) + acc[r] : acc[r]);
    }
}

// Expands a packed panel to f32 [k][8].
static void expand_panel(tw_format format, const uint8_t *panel, int64_t k, float *out) {
    const bool nibbles = format == TW_FORMAT_U4, plain = format == TW_FORMAT_S8, half = format == TW_FORMAT_S8_HALF;
    for (int64_t b = 0; b < k / TW_BLOCK; b++) {
        const v8 scale = v8_load((const float *)panel);
        const v8 second = plain ? v8_set(0) : v8_load((const float *)panel + TW_PANEL);
        const uint8_t *q = panel + (plain ? 32 : 64);
        for (int c = 0; c < TW_BLOCK; c++) {
            v8i quant;
            for (int r = 0; r < TW_PANEL; r++) {
                const int at = r * 4 + c % 4, group = c / 4;
                const uint8_t byte = q[(nibbles ? group / 2 : group) * 32 + at];
                quant[r] = nibbles ? (group & 1 ? byte >> 4 : byte & 15) : (int8_t)byte;
            }
            const v8 value = __builtin_convertvector(quant, v8);
            v8_store(out + (b * TW_BLOCK + c) * TW_PANEL,
                     half ? (c < 16 ? scale : second) * value : scale * value + second);
        }
        panel = q + (nibbles ? 128 : 256);
    }
}

static void gemm_f32(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k, const float *x,
                     int64_t m, float *y, int64_t y_stride, bool accumulate, float *scratch) {
    for (int64_t p = begin; p < end; p++) {
        const float *panel = (const float *)((const uint8_t *)panels + p * tw_panel_bytes(format, k));
        if (format != TW_FORMAT_F32) {
            expand_panel(format, (const uint8_t *)panel, k, scratch);
            panel = scratch;
        }
        int64_t r = 0;
        float *out = y + p * TW_PANEL;
        for (; r + 8 <= m; r += 8) f32_tile(panel, k, x + r * k, 8, out + r * y_stride, y_stride, accumulate);
        for (; r + 4 <= m; r += 4) f32_tile(panel, k, x + r * k, 4, out + r * y_stride, y_stride, accumulate);
        for (; r < m; r++) f32_tile(panel, k, x + r * k, 1, out + r * y_stride, y_stride, accumulate);
    }
}

#endif
