// The floating-point kernels, written once and compiled for each kind of processor. The including file defines
// TW_LOAD_HALF(p) -> v8 and TW_STORE_HALF(p, v8), and by its number of registers TW_LINES (query heads that attend at
// a time, 3 or 6) and TW_F32_ROWS (rows of a tile of f32 products).
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

// One head's keys [head_dim][16] and values [16][head_dim] of a block: as stored, or widened to f32 before.
typedef struct {
    const uint16_t *k;
    const uint16_t *v;
    const float *keys;
    const float *values;
    // What is read after this, the same head of the next block: a part of it is fetched at each step through this one.
    const uint16_t *next;
} attention_block;

// One query head of one row, against one block at a time.
typedef struct {
    const attention_block *block;
    const float *q;
    float *out;
    float *highest;
    float *total;
    int64_t visible;  // keys of this block that the line may see, 1...16
} attention_line;

// Lines whose softmax is computed together: their waits for one another's sums overlap.
enum { BUNDLE = 12 };
typedef struct {
    attention_line line[BUNDLE];
    int64_t count;
    float p[BUNDLE][TW_KV_BLOCK];  // scores, then weights
    float keep[BUNDLE];            // what remains of the sums so far
} attention_bundle;

TW_INLINE v8 block_key(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->keys + at) : TW_LOAD_HALF(block->k + at);
}
TW_INLINE v8 block_value(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->values + at) : TW_LOAD_HALF(block->v + at);
}

// Scores of lines [first, first + lines), of one KV head, against the 16 keys of its block. A score is the sum over the
// even dimensions plus the sum over the odd ones: twice as many sums in flight.
TW_INLINE void score_lines(attention_bundle *bundle, int64_t first, const int lines, const bool widened,
                           int64_t head_dim, float scale) {
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    v8 score[TW_LINES][4];  // keys 0-7 and 8-15 of the even dimensions, then of the odd ones
    TW_UNROLL for (int l = 0; l < lines; l++) {
        TW_UNROLL for (int i = 0; i < 4; i++) score[l][i] = v8_set(0);
    }
    for (int64_t d = 0; d < head_dim; d += 2) {
        if (!widened) TW_FETCH(block->next + d * TW_KV_BLOCK);
        TW_UNROLL for (int odd = 0; odd < 2; odd++) {
            const v8 k0 = block_key(block, widened, (d + odd) * TW_KV_BLOCK);
            const v8 k1 = block_key(block, widened, (d + odd) * TW_KV_BLOCK + 8);
            TW_UNROLL for (int l = 0; l < lines; l++) {
                const v8 q = v8_set(line[l].q[d + odd]);
                score[l][2 * odd] = v8_fma(q, k0, score[l][2 * odd]);
                score[l][2 * odd + 1] = v8_fma(q, k1, score[l][2 * odd + 1]);
            }
        }
    }
    TW_UNROLL for (int l = 0; l < lines; l++) {
        v8_store(bundle->p[first + l], (score[l][0] + score[l][2]) * v8_set(scale));
        v8_store(bundle->p[first + l] + 8, (score[l][1] + score[l][3]) * v8_set(scale));
    }
}

// One online-softmax update of each line: its scores become weights.
TW_INLINE void weigh(attention_bundle *bundle) {
    const v8i index = {0, 1, 2, 3, 4, 5, 6, 7};
    const v8 none = v8_set(-INFINITY);
    for (int64_t l = 0; l < bundle->count; l++) {
        const attention_line *line = bundle->line + l;
        const int32_t visible = (int32_t)line->visible;
        const v8 s0 = v8_select(index < visible, v8_load(bundle->p[l]), none);
        const v8 s1 = v8_select(index + 8 < visible, v8_load(bundle->p[l] + 8), none);
        const float before = *line->highest;
        const float now = v8_highest(v8_max(v8_max(s0, s1), v8_set(before)));
        const v8 p0 = v8_exp(s0 - v8_set(now)), p1 = v8_exp(s1 - v8_set(now));
        const float keep = v8_exp(v8_set(before - now))[0];
        v8_store(bundle->p[l], p0);
        v8_store(bundle->p[l] + 8, p1);
        bundle->keep[l] = keep;
        *line->highest = now;
        *line->total = fmaf(*line->total, keep, v8_sum(p0 + p1));
    }
}

// out = out * keep + sum of p[j] * value[j] over the visible j in order, for lines of one KV head that see equally many
// keys.
TW_INLINE void add_values(const attention_bundle *bundle, int64_t first, const int lines, const bool widened,
                          int64_t head_dim) {
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    const float(*p)[TW_KV_BLOCK] = bundle->p + first;
    const float *keep = bundle->keep + first;
    int64_t d = 0;
    for (; d + 32 <= head_dim; d += 32) {
        v8 sum[TW_LINES][4];
        TW_UNROLL for (int l = 0; l < lines; l++) {
            TW_UNROLL for (int i = 0; i < 4; i++) sum[l][i] = v8_load(line[l].out + d + 8 * i) * v8_set(keep[l]);
        }
        for (int64_t j = 0; j < line->visible; j++) {
            if (!widened) TW_FETCH(block->next + (head_dim + d + 2 * j) * TW_KV_BLOCK);
            v8 weight[TW_LINES];
            TW_UNROLL for (int l = 0; l < lines; l++) weight[l] = v8_set(p[l][j]);
            TW_UNROLL for (int i = 0; i < 4; i++) {
                const v8 value = block_value(block, widened, j * head_dim + d + 8 * i);
                TW_UNROLL for (int l = 0; l < lines; l++) sum[l][i] = v8_fma(weight[l], value, sum[l][i]);
            }
        }
        TW_UNROLL for (int l = 0; l < lines; l++) {
            TW_UNROLL for (int i = 0; i < 4; i++) v8_store(line[l].out + d + 8 * i, sum[l][i]);
        }
    }
    for (; d + 8 <= head_dim; d += 8) {
        for (int l = 0; l < lines; l++) {
            v8 o = v8_load(line[l].out + d) * v8_set(keep[l]);
            for (int64_t j = 0; j < line->visible; j++) {
                o = v8_fma(v8_set(p[l][j]), block_value(block, widened, j * head_dim + d), o);
            }
            v8_store(line[l].out + d, o);
        }
    }
}

// How many lines from `first` on go together: of one KV head, and equally far.
TW_INLINE int alike(const attention_bundle *bundle, int64_t first, const bool equally_far) {
    const attention_line *line = bundle->line + first;
    int count = 1;
    while (count < TW_LINES && first + count < bundle->count && line[count].block == line->block
           && (!equally_far || line[count].visible == line->visible)) {
        count++;
    }
    return count;
}

#if TW_LINES == 6
#define TW_FOR_LINES(lines, call)                                                      \
    switch (lines) {                                                                   \
    case 6: { enum { LINES = 6 }; call; break; }                                       \
    case 5: { enum { LINES = 5 }; call; break; }                                       \
    case 4: { enum { LINES = 4 }; call; break; }                                       \
    case 3: { enum { LINES = 3 }; call; break; }                                       \
    case 2: { enum { LINES = 2 }; call; break; }                                       \
    default: { enum { LINES = 1 }; call; }                                             \
    }
#else
#define TW_FOR_LINES(lines, call)                                                      \
    switch (lines) {                                                                   \
    case 3: { enum { LINES = 3 }; call; break; }                                       \
    case 2: { enum { LINES = 2 }; call; break; }                                       \
    default: { enum { LINES = 1 }; call; }                                             \
    }
#endif

TW_INLINE void attend_bundle(attention_bundle *bundle, const bool widened, int64_t head_dim, float scale) {
    for (int64_t i = 0; i < bundle->count;) {
        const int lines = alike(bundle, i, false);
        TW_FOR_LINES(lines, score_lines(bundle, i, LINES, widened, head_dim, scale))
        i += lines;
    }
    weigh(bundle);
    for (int64_t i = 0; i < bundle->count;) {
        // Rows of a prompt that end within this block see differently far, and values past a row's end are not its own.
        const int lines = alike(bundle, i, true);
        TW_FOR_LINES(lines, add_values(bundle, i, LINES, widened, head_dim))
        i += lines;
    }
    bundle->count = 0;
}

// Adds all lines of KV head `head` of the job that see the block, which begins at position `start`; bundles that are
// full are computed.
TW_INLINE void add_lines(attention_bundle *bundle, const tw_attention *job, int64_t head, int64_t start,
                         const attention_block *block, const bool widened, float *highest, float *total) {
    const int64_t dim = job->head_dim, group = job->group, lines = job->rows * group;
    const float *q = job->q + head * group * dim;
    float *out = job->out + head * group * dim;
    // The first row that sees this block; rows before it end earlier.
    for (int64_t i = start > job->first_position ? (start - job->first_position) * group : 0; i < lines; i++) {
        const int64_t row = i / group, at = i % group * dim;
        const int64_t visible = job->first_position + row - start + 1;
        bundle->line[bundle->count++] =
            (attention_line){block, q + row * job->q_stride + at, out + row * job->out_stride + at, highest + i,
                             total + i, visible < TW_KV_BLOCK ? visible : TW_KV_BLOCK};
        if (bundle->count == BUNDLE) attend_bundle(bundle, widened, dim, job->scale);
    }
}

// All heads of the job against the block at `index` of the table. Heads whose lines read a block many times have it
// widened first, one at a time; else the heads of a block share bundles.
TW_INLINE void attend_block(const tw_attention *job, int64_t index, int64_t next, const bool widened, float *highest,
                            float *total) {
    enum { HEADS = 8 };  // whose blocks a bundle may hold on to
    const int64_t dim = job->head_dim, lines = job->rows * job->group;
    float *keys = job->scratch, *values = keys + TW_KV_BLOCK * dim;
    attention_block block[HEADS];
    attention_bundle bundle;
    bundle.count = 0;
    for (int64_t h = 0; h < job->heads; h++) {
        const int64_t offset = job->blocks[index] * job->block_stride + h * job->head_stride;
        attention_block *own = block + h % HEADS;
        *own = (attention_block){job->k + offset, job->v + offset, keys, values,
                                 job->k + job->blocks[next] * job->block_stride + h * job->head_stride};
        for (int64_t i = 0; widened && i < TW_KV_BLOCK * dim; i += 8) {
            v8_store(keys + i, TW_LOAD_HALF(own->k + i));
            v8_store(values + i, TW_LOAD_HALF(own->v + i));
        }
        add_lines(&bundle, job, h, index * TW_KV_BLOCK, own, widened, highest + h * lines, total + h * lines);
        if (widened || h % HEADS == HEADS - 1 || h == job->heads - 1) {
            attend_bundle(&bundle, widened, dim, job->scale);
        }
    }
}

static void attend(const tw_attention *job) {
    const int64_t dim = job->head_dim, width = job->group * dim, heads = job->heads, lines = job->rows * job->group;
    float *highest = job->scratch + 2 * TW_KV_BLOCK * dim, *total = highest + heads * lines;
    for (int64_t i = 0; i < heads * lines; i++) {
        highest[i] = -INFINITY;
        total[i] = 0;
    }
    for (int64_t r = 0; r < job->rows; r++) {
        memset(job->out + r * job->out_stride, 0, (size_t)(heads * width) * sizeof(float));
    }
    const int64_t last = (job->first_position + job->rows - 1) / TW_KV_BLOCK;
    for (int64_t index = 0; index <= last; index++) {
        const int64_t next = index < last ? index + 1 : index;
        if (lines > 2 * TW_LINES) {
            attend_block(job, index, next, true, highest, total);
        } else {
            attend_block(job, index, next, false, highest, total);
        }
    }
    for (int64_t h = 0; h < heads; h++) {
        for (int64_t i = 0; i < lines; i++) {
            float *out = job->out + i / job->group * job->out_stride + h * width + i % job->group * dim;
            const v8 inverse = v8_set(1.0f / total[h * lines + i]);
            for (int64_t d = 0; d + 8 <= dim; d += 8) v8_store(out + d, v8_load(out + d) * inverse);
        }
    }
}

// One panel of f32 weights [k][16] against up to TW_F32_ROWS rows.
TW_INLINE void f32_tile(const float *panel, int64_t k, const float *x, const int rows, float *y, int64_t y_stride,
                        bool accumulate) {
    v8 low[TW_F32_ROWS], high[TW_F32_ROWS];
    TW_UNROLL for (int r = 0; r < rows; r++) low[r] = high[r] = v8_set(0);
    for (int64_t c = 0; c < k; c++) {
        const v8 w0 = v8_load(panel + c * TW_PANEL), w1 = v8_load(panel + c * TW_PANEL + 8);
        TW_UNROLL for (int r = 0; r < rows; r++) {
            const v8 v = v8_set(x[r * k + c]);
            low[r] = v8_fma(v, w0, low[r]);
            high[r] = v8_fma(v, w1, high[r]);
        }
    }
    TW_UNROLL for (int r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        v8_store(out, accumulate ? v8_load(out) + low[r] : low[r]);
        v8_store(out + 8, accumulate ? v8_load(out + 8) + high[r] : high[r]);
    }
}

// Expands a packed panel to f32 [k][16].
static void expand_panel(tw_format format, const uint8_t *panel, int64_t k, float *out) {
    const bool nibbles = format == TW_FORMAT_U4, plain = format == TW_FORMAT_S8, half = format == TW_FORMAT_S8_HALF;
    for (int64_t b = 0; b < k / TW_BLOCK; b++) {
        const float *header = (const float *)panel;
        const uint8_t *q = panel + (plain ? 4 : 8) * TW_PANEL;
        for (int c = 0; c < TW_BLOCK; c++) {
            const int group = c / 4;
            const uint8_t *at = q + (nibbles ? group / 2 : group) * 4 * TW_PANEL + c % 4;
            for (int r = 0; r < TW_PANEL; r += 8) {
                v8i quant;
                for (int i = 0; i < 8; i++) {
                    const uint8_t byte = at[(r + i) * 4];
                    quant[i] = nibbles ? (group & 1 ? byte >> 4 : byte & 15) : (int8_t)byte;
                }
                const v8 scale = v8_load(header + r), second = plain ? v8_set(0) : v8_load(header + TW_PANEL + r);
                const v8 value = __builtin_convertvector(quant, v8);
                v8_store(out + (b * TW_BLOCK + c) * TW_PANEL + r,
                         half ? (c < 16 ? scale : second) * value : scale * value + second);
            }
        }
        panel = q + (nibbles ? 16 : 32) * TW_PANEL;
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
        for (; r + TW_F32_ROWS <= m; r += TW_F32_ROWS) {
            f32_tile(panel, k, x + r * k, TW_F32_ROWS, out + r * y_stride, y_stride, accumulate);
        }
        for (; r + 3 <= m; r += 3) f32_tile(panel, k, x + r * k, 3, out + r * y_stride, y_stride, accumulate);
        for (; r < m; r++) f32_tile(panel, k, x + r * k, 1, out + r * y_stride, y_stride, accumulate);
    }
}

#endif
