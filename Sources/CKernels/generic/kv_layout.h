// Where things stand in a block of the KV cache, and in the scratch memory of attention.
#ifndef TW_KV_LAYOUT_H
#define TW_KV_LAYOUT_H

#include "CKernels.h"

// Dimensions of a head as bytes are stored, so that values are whole vectors of 16 dimensions.
static inline int64_t padded_dim(int64_t head_dim) { return (head_dim + 15) / 16 * 16; }

// Bytes of a head's keys, and of its values.
static inline int64_t kv_part_bytes(tw_kv_type type, int64_t head_dim) {
    return TW_KV_BLOCK * (type == TW_KV_F16 ? 2 * head_dim : padded_dim(head_dim));
}

// Element `d` of the key and of the value in `slot`, where both are bytes: four dimensions of a key and four tokens of a
// value lie side by side, as the products of bytes take them.
static inline int64_t key_byte(int64_t d, int64_t slot) { return (d / 4 * TW_KV_BLOCK + slot) * 4 + d % 4; }
static inline int64_t value_byte(int64_t d, int64_t slot, int64_t head_dim) {
    return (slot / 4 * padded_dim(head_dim) + d) * 4 + slot % 4;
}

// Key bytes stand this much above their value: one side of AVX-512's products is unsigned.
enum { RAISED = 128 };

// What a line, a query head of a row, carries from block to block.
typedef struct {
    float highest;  // score so far
    // Of a rounded query: what its products are to be multiplied with, and -RAISED times its sum.
    float scale;
    int32_t offset;
    float unused;
    float total[TW_PANEL];  // of the weights so far, in lanes
} attention_state;

// Scratch: of halves, a head's keys and values as f32; of bytes, the rounded queries of all lines. Then the states.
static inline int64_t first_state(tw_kv_type type, int64_t head_dim, int64_t lines) {
    return type == TW_KV_F16 ? 2 * TW_KV_BLOCK * head_dim : lines * head_dim / (int64_t)sizeof(float);
}

static inline attention_state *scratch_state(const tw_attention *job, int64_t line) {
    const int64_t lines = job->heads * job->rows * job->group;
    return (attention_state *)(job->scratch + first_state(job->kv_type, job->head_dim, lines)) + line;
}

static inline int8_t *scratch_bytes(const tw_attention *job, int64_t line) {
    return (int8_t *)job->scratch + line * job->head_dim;
}

#endif
