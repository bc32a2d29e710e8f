// The layout of a block of the KV cache, and of attention's scratch memory.
#ifndef TW_KV_LAYOUT_H
#define TW_KV_LAYOUT_H

#include "CKernels.h"

// The dimensions that a head of bytes is padded to, so that values are whole vectors of 16 dimensions.
static inline int64_t padded_dim(int64_t head_dim) { return (head_dim + 15) / 16 * 16; }

// Bytes of a head's keys, and of its values.
static inline int64_t kv_part_bytes(tw_kv_type type, int64_t head_dim) {
    return TW_KV_BLOCK * (type == TW_KV_F16 ? 2 * head_dim : padded_dim(head_dim));
}

// Element `d` of the key and of the value in `slot`, where the cache holds bytes: four dimensions of a key, and four
// tokens of a value, lie next to each other, as the byte products read them.
static inline int64_t key_byte(int64_t d, int64_t slot) { return (d / 4 * TW_KV_BLOCK + slot) * 4 + d % 4; }
static inline int64_t value_byte(int64_t d, int64_t slot, int64_t head_dim) {
    return (slot / 4 * padded_dim(head_dim) + d) * 4 + slot % 4;
}

// Key bytes are stored this much above their value: one side of AVX-512's products is unsigned.
enum { RAISED = 128 };

// The softmax state that a line (a query head of a row) carries from block to block.
typedef struct {
    float highest;  // the highest score so far
    float total;    // for halves: the sum of the weights so far
    // For a rounded query: `scale` is the factor of its products, `offset` is -RAISED times the sum of its bytes.
    float scale;
    int32_t offset;
} attention_state;

// Where the parts of a job's scratch memory begin.
typedef struct {
    float *widened;          // for halves: a head's keys and values as f32
    int8_t *queries;         // for bytes: the rounded query of each line
    attention_state *state;  // the softmax state of each line
    float *totals;           // for bytes: each line's sum of weights so far, for each slot
} attention_scratch;

enum { STATE_FLOATS = sizeof(attention_state) / sizeof(float) };

static inline attention_scratch scratch_of(const tw_attention *job) {
    const int64_t lines = job->heads * job->rows * job->group;
    float *first = job->scratch;
    if (job->kv_type == TW_KV_F16) {
        return (attention_scratch){first, NULL, (attention_state *)(first + 2 * TW_KV_BLOCK * job->head_dim), NULL};
    }
    float *totals = first + lines * STATE_FLOATS;
    return (attention_scratch){NULL, (int8_t *)(totals + lines * TW_KV_BLOCK), (attention_state *)first, totals};
}

#endif
