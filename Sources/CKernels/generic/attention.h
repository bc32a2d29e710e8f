// Softmax attention over a paged KV cache, written once and compiled for each kind of processor; float_kernels.h names
// what the including file defines.
//
// A job walks the cache block by block. Lines, the query heads of the job's rows, are gathered in bundles. For each
// bundle the steps of half_attention.h or byte_attention.h compute scores against the block's keys, turn the scores
// into weights and add the weighted values.
#ifndef TW_ATTENTION_H
#define TW_ATTENTION_H

#include <string.h>

#include "CKernels.h"
#include "kv_layout.h"
#include "lanes.h"

// One KV head's part of a block.
typedef struct {
    const uint8_t *k;
    const uint8_t *v;
    // Keys and values widened to f32, if they are halves that many lines read.
    const float *keys;
    const float *values;
    // For bytes: the values' scales as stored, the keys' scales, the values' scales with the largest scaled to
    // MOST_WEIGHT, and the value of a weight of 1 after that scaling.
    const float *scales;
    v16 key_scales;
    v16 value_scales;
    float value_unit;
} attention_block;

// One query head of one row, against one block at a time.
typedef struct {
    const attention_block *block;
    const float *q;
    const int8_t *rounded;  // the query as bytes, if keys and values are bytes
    float *totals;          // the sums of weights so far, in lanes, if keys and values are bytes
    float *out;
    attention_state *state;
    // The same head of the next block, of which each step prefetches a part; only a block's first line has it.
    const uint8_t *next;
    int32_t visible;  // keys of this block that the line may see, 1...16
} attention_line;

// Lines whose softmax is computed together, so that the latencies of their sums overlap.
enum { BUNDLE = 12 };
// Lines whose highest scores and factors are computed as one vector.
enum { LANES = 16 };
_Static_assert(BUNDLE <= LANES && TW_KV_BLOCK == LANES, "a vector holds a value of each line, or of each slot");
typedef struct {
    attention_line line[BUNDLE];
    int64_t count;
    float p[BUNDLE][TW_KV_BLOCK];         // scores, then weights
    int8_t weights[BUNDLE][TW_KV_BLOCK];  // the weights as bytes
    float block_highest[LANES];           // the highest score in this block
    float highest[LANES];                 // the highest so far
    float keep[LANES];                    // the factor of the sums so far
    float part[LANES];                    // the factor of this block's sums
} attention_bundle;

// The number of lines from `first` on that can be computed together: lines of one KV head and, with `equally_far`, that
// see equally many keys.
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

// Updates each line's highest score with its highest score in this block.
TW_INLINE void raise_highest(attention_bundle *bundle) {
    for (int64_t l = 0; l < bundle->count; l++) bundle->highest[l] = bundle->line[l].state->highest;
    const v16 before = v16_load(bundle->highest), now = v16_max(v16_load(bundle->block_highest), before);
    v16_store(bundle->highest, now);
    v16_store(bundle->keep, v16_exp_below_0(before - now));
    for (int64_t l = 0; l < bundle->count; l++) bundle->line[l].state->highest = bundle->highest[l];
}

// Runs `call` for each group of lines that can be computed together: LINES lines from `first` on.
#define TW_FOR_GROUPS(bundle, equally_far, call)                                       \
    for (int64_t first = 0; first < bundle->count;) {                                  \
        const int lines = alike(bundle, first, equally_far);                           \
        TW_FOR_LINES(lines, call)                                                      \
        first += lines;                                                                \
    }

#include "byte_attention.h"
#include "half_attention.h"

// How a block is read; constant in each inlined copy.
typedef struct {
    tw_kv_type type;
    bool widened;
} block_form;

TW_INLINE void attend_bundle(attention_bundle *bundle, const block_form form, int64_t head_dim, float scale) {
    if (form.type == TW_KV_Q8) attend_bytes(bundle, head_dim);
    else attend_halves(bundle, form.widened, head_dim, scale);
    bundle->count = 0;
}

// Adds all lines of KV head `head` of the job that see the block, which begins at position `start`, and computes a
// bundle when it is full.
TW_INLINE void add_lines(attention_bundle *bundle, const tw_attention *job, int64_t head, int64_t start,
                         const attention_block *block, const uint8_t *next, const block_form form) {
    const int64_t dim = job->head_dim, group = job->group;
    // The first row that sees this block; rows before it end earlier.
    const int64_t rows = job->rows, first = start > job->first_position ? start - job->first_position : 0;
    const int64_t line = (head * rows + first) * group;
    const attention_scratch scratch = scratch_of(job);
    const int64_t bytes = form.type == TW_KV_Q8;  // halves have neither `rounded` nor `totals`
    const int8_t *rounded = scratch.queries + bytes * line * dim;
    float *totals = scratch.totals + bytes * line * TW_KV_BLOCK;
    attention_state *state = scratch.state + line;
    for (int64_t row = first; row < rows; row++) {
        const float *q = job->q + row * job->q_stride + head * group * dim;
        float *out = job->out + row * job->out_stride + head * group * dim;
        const int64_t visible = job->first_position + row - start + 1;
        const int32_t seen = visible < TW_KV_BLOCK ? (int32_t)visible : TW_KV_BLOCK;
        for (int64_t g = 0; g < group; g++) {
            bundle->line[bundle->count++] = (attention_line){block, q, rounded, totals, out, state, next, seen};
            if (bundle->count == BUNDLE) attend_bundle(bundle, form, dim, job->scale);
            next = NULL;
            q += dim;
            out += dim;
            rounded += bytes * dim;
            totals += bytes * TW_KV_BLOCK;
            state++;
        }
    }
}

// All heads of the job against the block at `index` of the table. Halves that many lines read are widened first, one
// head at a time; otherwise the heads of a block share bundles.
TW_INLINE void attend_block(const tw_attention *job, int64_t index, const uint8_t *next, const block_form form) {
    enum { HEADS = 8 };  // heads whose blocks a bundle may refer to
    const int64_t dim = job->head_dim;
    attention_block block[HEADS];
    attention_bundle bundle;
    bundle.count = 0;
    memset(bundle.block_highest, 0, sizeof bundle.block_highest);
    memset(bundle.highest, 0, sizeof bundle.highest);
    for (int64_t h = 0; h < job->heads; h++) {
        const uint8_t *head = job->cache + job->blocks[index] * job->block_stride + h * job->head_stride;
        attention_block *own = block + h % HEADS;
        if (form.type == TW_KV_Q8) *own = block_of_bytes(head, dim);
        else *own = block_of_halves(head, dim, form.widened ? scratch_of(job).widened : NULL);
        add_lines(&bundle, job, h, index * TW_KV_BLOCK, own, next + h * job->head_stride, form);
        if (form.widened || h % HEADS == HEADS - 1 || h == job->heads - 1) {
            attend_bundle(&bundle, form, dim, job->scale);
        }
    }
}

TW_INLINE void attend_blocks(const tw_attention *job, const block_form form) {
    const int64_t last = (job->first_position + job->rows - 1) / TW_KV_BLOCK;
    for (int64_t index = 0; index <= last; index++) {
        const uint8_t *next = job->cache + job->blocks[index < last ? index + 1 : index] * job->block_stride;
        attend_block(job, index, next, form);
    }
}

// Not inlined: inside `attend` too few registers were left, and the optimiser took several times as long.
static __attribute__((noinline)) void attend_to_widened(const tw_attention *job) {
    attend_blocks(job, (block_form){TW_KV_F16, true});
}
static __attribute__((noinline)) void attend_to_halves(const tw_attention *job) {
    attend_blocks(job, (block_form){TW_KV_F16, false});
}
static __attribute__((noinline)) void attend_to_bytes(const tw_attention *job) {
    attend_blocks(job, (block_form){TW_KV_Q8, false});
}

TW_INLINE void begin_lines(const tw_attention *job) {
    const int64_t dim = job->head_dim, group = job->group, lines = job->rows * group;
    const attention_scratch scratch = scratch_of(job);
    for (int64_t r = 0; r < job->rows; r++) {
        memset(job->out + r * job->out_stride, 0, (size_t)(job->heads * group * dim) * sizeof(float));
    }
    for (int64_t i = 0; i < job->heads * lines; i++) {
        scratch.state[i] = (attention_state){.highest = -INFINITY};
        if (job->kv_type == TW_KV_F16) continue;
        const int64_t head = i / lines, row = i % lines / group;
        const float *q = job->q + row * job->q_stride + (head * group + i % group) * dim;
        v16_store(scratch.totals + i * TW_KV_BLOCK, v16_set(0));
        round_query(q, dim, job->scale, scratch.queries + i * dim, scratch.state + i);
    }
}

static void attend(const tw_attention *job) {
    const int64_t dim = job->head_dim, heads = job->heads, lines = job->rows * job->group;
    begin_lines(job);
    if (job->kv_type == TW_KV_Q8) attend_to_bytes(job);
    else if (lines > 2 * TW_LINES) attend_to_widened(job);
    else attend_to_halves(job);
    const attention_scratch scratch = scratch_of(job);
    for (int64_t i = 0; i < heads * lines; i++) {
        const int64_t head = i / lines, row = i % lines / job->group;
        float *out = job->out + row * job->out_stride + (head * job->group + i % job->group) * dim;
        float total = scratch.state[i].total;
        if (job->kv_type == TW_KV_Q8) total = v16_sum(v16_load(scratch.totals + i * TW_KV_BLOCK));
        const v8 inverse = v8_set(1.0f / total);
        for (int64_t d = 0; d + 8 <= dim; d += 8) v8_store(out + d, v8_load(out + d) * inverse);
    }
}

#endif
