// Softmax attention over a paged KV cache, written once and compiled for each kind of processor; what the including file
// defines is told in float_kernels.h.
#ifndef TW_ATTENTION_H
#define TW_ATTENTION_H

#include <string.h>

#include "CKernels.h"
#include "lanes.h"

// One head's keys [head_dim][16] and values [16][head_dim] of a block: as stored, or widened to f32 before.
// Bytes are widened without their scales, so that both ways give the same bits.
typedef struct {
    const uint8_t *k;
    const uint8_t *v;
    // Of the keys, then of the values; of bytes alone.
    const float *scales;
    const float *keys;
    const float *values;
    // What is read after this, the same head of the next block: a part of it is fetched at each step through this one.
    const uint8_t *next;
} attention_block;

// How a block is read; known where it is inlined.
typedef struct {
    tw_kv_type type;
    bool widened;
} block_form;

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

TW_INLINE v8 stored(const uint8_t *base, const tw_kv_type type, int64_t at) {
    return type == TW_KV_F16 ? TW_LOAD_HALF((const uint16_t *)base + at) : v8_load_bytes(base + at);
}
TW_INLINE v8 block_key(const attention_block *block, const block_form form, int64_t at) {
    return form.widened ? v8_load(block->keys + at) : stored(block->k, form.type, at);
}
TW_INLINE v8 block_value(const attention_block *block, const block_form form, int64_t at) {
    return form.widened ? v8_load(block->values + at) : stored(block->v, form.type, at);
}

// Fetches the cache line of the next block that begins with element `at`, a multiple of 32, if a line begins there.
TW_INLINE void fetch_next(const attention_block *block, const block_form form, int64_t at) {
    if (form.widened) return;
    if (form.type == TW_KV_F16) {
        TW_FETCH(block->next + 2 * at);
    } else if (at % 64 == 0) {
        TW_FETCH(block->next + at);
    }
}

// Scores of lines [first, first + lines), of one KV head, against the 16 keys of its block. A score is the sum over the
// even dimensions plus the sum over the odd ones: twice as many sums in flight.
TW_INLINE void score_lines(attention_bundle *bundle, int64_t first, const int lines, const block_form form,
                           int64_t head_dim, float scale) {
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    v8 score[TW_LINES][4];  // keys 0-7 and 8-15 of the even dimensions, then of the odd ones
    TW_UNROLL for (int l = 0; l < lines; l++) {
        TW_UNROLL for (int i = 0; i < 4; i++) score[l][i] = v8_set(0);
    }
    if (!form.widened && form.type == TW_KV_Q8) {
        const uint8_t *scales = block->next + 2 * TW_KV_BLOCK * head_dim;
        TW_FETCH(scales);
        TW_FETCH(scales + 64);
    }
    for (int64_t d = 0; d < head_dim; d += 2) {
        fetch_next(block, form, d * TW_KV_BLOCK);
        TW_UNROLL for (int odd = 0; odd < 2; odd++) {
            const v8 k0 = block_key(block, form, (d + odd) * TW_KV_BLOCK);
            const v8 k1 = block_key(block, form, (d + odd) * TW_KV_BLOCK + 8);
            TW_UNROLL for (int l = 0; l < lines; l++) {
                const v8 q = v8_set(line[l].q[d + odd]);
                score[l][2 * odd] = v8_fma(q, k0, score[l][2 * odd]);
                score[l][2 * odd + 1] = v8_fma(q, k1, score[l][2 * odd + 1]);
            }
        }
    }
    TW_UNROLL for (int l = 0; l < lines; l++) {
        v8 s0 = (score[l][0] + score[l][2]) * v8_set(scale), s1 = (score[l][1] + score[l][3]) * v8_set(scale);
        if (form.type == TW_KV_Q8) {
            s0 *= v8_load(block->scales);
            s1 *= v8_load(block->scales + 8);
        }
        v8_store(bundle->p[first + l], s0);
        v8_store(bundle->p[first + l] + 8, s1);
    }
}

// One online-softmax update of each line: its scores become weights of the stored values.
TW_INLINE void weigh(attention_bundle *bundle, const tw_kv_type type) {
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
        const float *scales = line->block->scales + TW_KV_BLOCK;
        v8_store(bundle->p[l], type == TW_KV_Q8 ? p0 * v8_load(scales) : p0);
        v8_store(bundle->p[l] + 8, type == TW_KV_Q8 ? p1 * v8_load(scales + 8) : p1);
        bundle->keep[l] = keep;
        *line->highest = now;
        *line->total = fmaf(*line->total, keep, v8_sum(p0 + p1));
    }
}

// out = out * keep + sum of p[j] * value[j] over the visible j in order, for lines of one KV head that see equally many
// keys.
TW_INLINE void add_values(const attention_bundle *bundle, int64_t first, const int lines, const block_form form,
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
            fetch_next(block, form, (head_dim + d + 2 * j) * TW_KV_BLOCK);
            v8 weight[TW_LINES];
            TW_UNROLL for (int l = 0; l < lines; l++) weight[l] = v8_set(p[l][j]);
            TW_UNROLL for (int i = 0; i < 4; i++) {
                const v8 value = block_value(block, form, j * head_dim + d + 8 * i);
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
                o = v8_fma(v8_set(p[l][j]), block_value(block, form, j * head_dim + d), o);
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

TW_INLINE void attend_bundle(attention_bundle *bundle, const block_form form, int64_t head_dim, float scale) {
    for (int64_t i = 0; i < bundle->count;) {
        const int lines = alike(bundle, i, false);
        TW_FOR_LINES(lines, score_lines(bundle, i, LINES, form, head_dim, scale))
        i += lines;
    }
    weigh(bundle, form.type);
    for (int64_t i = 0; i < bundle->count;) {
        // Rows of a prompt that end within this block see differently far, and values past a row's end are not its own.
        const int lines = alike(bundle, i, true);
        TW_FOR_LINES(lines, add_values(bundle, i, LINES, form, head_dim))
        i += lines;
    }
    bundle->count = 0;
}

// Adds all lines of KV head `head` of the job that see the block, which begins at position `start`; bundles that are
// full are computed.
TW_INLINE void add_lines(attention_bundle *bundle, const tw_attention *job, int64_t head, int64_t start,
                         const attention_block *block, const block_form form, float *highest, float *total) {
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
        if (bundle->count == BUNDLE) attend_bundle(bundle, form, dim, job->scale);
    }
}

// All heads of the job against the block at `index` of the table. Heads whose lines read a block many times have it
// widened first, one at a time; else the heads of a block share bundles.
TW_INLINE void attend_block(const tw_attention *job, int64_t index, const uint8_t *next, const block_form form,
                            float *highest, float *total) {
    enum { HEADS = 8 };  // whose blocks a bundle may hold on to
    const int64_t dim = job->head_dim, lines = job->rows * job->group;
    float *keys = job->scratch, *values = keys + TW_KV_BLOCK * dim;
    attention_block block[HEADS];
    attention_bundle bundle;
    bundle.count = 0;
    for (int64_t h = 0; h < job->heads; h++) {
        const int64_t offset = job->blocks[index] * job->block_stride + h * job->head_stride;
        attention_block *own = block + h % HEADS;
        const uint8_t *k = job->cache + offset, *v = k + (form.type == TW_KV_F16 ? 2 : 1) * TW_KV_BLOCK * dim;
        *own = (attention_block){k, v, (const float *)(k + 2 * TW_KV_BLOCK * dim), keys, values,
                                 next + h * job->head_stride};
        for (int64_t i = 0; form.widened && i < TW_KV_BLOCK * dim; i += 8) {
            v8_store(keys + i, stored(k, form.type, i));
            v8_store(values + i, stored(v, form.type, i));
        }
        add_lines(&bundle, job, h, index * TW_KV_BLOCK, own, form, highest + h * lines, total + h * lines);
        if (form.widened || h % HEADS == HEADS - 1 || h == job->heads - 1) {
            attend_bundle(&bundle, form, dim, job->scale);
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
        const uint8_t *next = job->cache + job->blocks[index < last ? index + 1 : index] * job->block_stride;
        const bool widened = lines > 2 * TW_LINES;
        if (job->kv_type == TW_KV_F16) {
            if (widened) attend_block(job, index, next, (block_form){TW_KV_F16, true}, highest, total);
            else attend_block(job, index, next, (block_form){TW_KV_F16, false}, highest, total);
        } else {
            if (widened) attend_block(job, index, next, (block_form){TW_KV_Q8, true}, highest, total);
            else attend_block(job, index, next, (block_form){TW_KV_Q8, false}, highest, total);
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

#endif
