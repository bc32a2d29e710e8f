// Softmax attention over a paged KV cache, written once and compiled for each kind of processor; what the including file
// defines is told in float_kernels.h.
//
// A job goes block by block through the cache. Lines, the query heads of its rows, are gathered in bundles; each bundle is
// scored against its block, weighed, and has the values added, in the steps of half_attention.h or byte_attention.h.
#ifndef TW_ATTENTION_H
#define TW_ATTENTION_H

#include <string.h>

#include "CKernels.h"
#include "kv_layout.h"
#include "lanes.h"

// One head's part of a block.
typedef struct {
    const uint8_t *k;
    const uint8_t *v;
    // Keys and values widened to f32, of halves that many lines read.
    const float *keys;
    const float *values;
    // Of bytes: the values' scales; the keys'; the values' again, the largest being the most that a weight can be; and what a
    // weight of 1 counts then.
    const float *scales;
    v16 key_scales;
    v16 value_scales;
    float value_unit;
} attention_block;

// One query head of one row, against one block at a time.
typedef struct {
    const attention_block *block;
    const float *q;
    // Of bytes: the rounded query.
    const int8_t *bytes;
    float *out;
    attention_state *state;
    // The same head of the next block, a part of which is fetched at each step; for a block's first line alone.
    const uint8_t *next;
    int32_t visible;  // keys of this block that the line may see, 1...16
} attention_line;

// Lines whose softmax is computed together: their waits for one another's sums overlap.
enum { BUNDLE = 12 };
typedef struct {
    attention_line line[BUNDLE];
    int64_t count;
    float p[BUNDLE][TW_KV_BLOCK];         // scores, then weights
    int8_t weights[BUNDLE][TW_KV_BLOCK];  // as bytes
    float block_highest[TW_PANEL];        // the highest score in this block
    float keep[TW_PANEL];                 // what remains of the sums so far
    float part[TW_PANEL];                 // what this block's sums count
} attention_bundle;

// How many lines from `first` on go together: of one KV head, and, if asked, equally far.
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

#include "byte_attention.h"
#include "half_attention.h"

// How a block is read; known where it is inlined.
typedef struct {
    tw_kv_type type;
    bool widened;
} block_form;

TW_INLINE void attend_bundle(attention_bundle *bundle, const block_form form, int64_t head_dim, float scale) {
    if (form.type == TW_KV_Q8) attend_bytes(bundle, head_dim);
    else attend_halves(bundle, form.widened, head_dim, scale);
    bundle->count = 0;
}

// Adds all lines of KV head `head` of the job that see the block, which begins at position `start`; bundles that are
// full are computed.
TW_INLINE void add_lines(attention_bundle *bundle, const tw_attention *job, int64_t head, int64_t start,
                         const attention_block *block, const uint8_t *next, const block_form form) {
    const int64_t dim = job->head_dim, group = job->group;
    // The first row that sees this block; rows before it end earlier.
    const int64_t first = start > job->first_position ? start - job->first_position : 0;
    int64_t line = head * job->rows * group + first * group;
    for (int64_t row = first; row < job->rows; row++) {
        const float *q = job->q + row * job->q_stride + head * group * dim;
        float *out = job->out + row * job->out_stride + head * group * dim;
        const int64_t visible = job->first_position + row - start + 1;
        for (int64_t g = 0; g < group; g++, line++, q += dim, out += dim) {
            bundle->line[bundle->count++] = (attention_line){
                block, q, scratch_bytes(job, line), out, scratch_state(job, line), next,
                visible < TW_KV_BLOCK ? (int32_t)visible : TW_KV_BLOCK};
            next = NULL;
            if (bundle->count == BUNDLE) attend_bundle(bundle, form, dim, job->scale);
        }
    }
}

// All heads of the job against the block at `index` of the table. Halves that many lines read are widened first, one head
// at a time; else the heads of a block share bundles.
TW_INLINE void attend_block(const tw_attention *job, int64_t index, const uint8_t *next, const block_form form) {
    enum { HEADS = 8 };  // whose blocks a bundle may hold on to
    const int64_t dim = job->head_dim;
    attention_block block[HEADS];
    attention_bundle bundle;
    bundle.count = 0;
    memset(bundle.block_highest, 0, sizeof bundle.block_highest);
    for (int64_t h = 0; h < job->heads; h++) {
        const uint8_t *head = job->cache + job->blocks[index] * job->block_stride + h * job->head_stride;
        attention_block *own = block + h % HEADS;
        if (form.type == TW_KV_Q8) *own = block_of_bytes(head, dim);
        else *own = block_of_halves(head, dim, form.widened ? job->scratch : NULL);
        add_lines(&bundle, job, h, index * TW_KV_BLOCK, own, next + h * job->head_stride, form);
        if (form.widened || h % HEADS == HEADS - 1 || h == job->heads - 1) {
            attend_bundle(&bundle, form, dim, job->scale);
        }
    }
}

TW_INLINE void begin_lines(const tw_attention *job) {
    const int64_t group = job->group, lines = job->rows * group;
    for (int64_t r = 0; r < job->rows; r++) {
        const size_t width = (size_t)(job->heads * group * job->head_dim);
        memset(job->out + r * job->out_stride, 0, width * sizeof(float));
    }
    for (int64_t i = 0; i < job->heads * lines; i++) {
        attention_state *state = scratch_state(job, i);
        *state = (attention_state){.highest = -INFINITY};
        if (job->kv_type == TW_KV_F16) continue;
        const int64_t head = i / lines, row = i % lines / group;
        const float *q = job->q + row * job->q_stride + (head * group + i % group) * job->head_dim;
        round_query(q, job->head_dim, job->scale, scratch_bytes(job, i), state);
    }
}

static void attend(const tw_attention *job) {
    const int64_t dim = job->head_dim, heads = job->heads, lines = job->rows * job->group;
    begin_lines(job);
    const int64_t last = (job->first_position + job->rows - 1) / TW_KV_BLOCK;
    for (int64_t index = 0; index <= last; index++) {
        const uint8_t *next = job->cache + job->blocks[index < last ? index + 1 : index] * job->block_stride;
        if (job->kv_type == TW_KV_Q8) attend_block(job, index, next, (block_form){TW_KV_Q8, false});
        else if (lines > 2 * TW_LINES) attend_block(job, index, next, (block_form){TW_KV_F16, true});
        else attend_block(job, index, next, (block_form){TW_KV_F16, false});
    }
    for (int64_t i = 0; i < heads * lines; i++) {
        const int64_t head = i / lines, row = i % lines / job->group;
        float *out = job->out + row * job->out_stride + (head * job->group + i % job->group) * dim;
        const v16 total = v16_load(scratch_state(job, i)->total);
        const v8 inverse = v8_set(1.0f / v8_sum(v16_low(total) + v16_high(total)));
        for (int64_t d = 0; d + 8 <= dim; d += 8) v8_store(out + d, v8_load(out + d) * inverse);
    }
}

#endif
