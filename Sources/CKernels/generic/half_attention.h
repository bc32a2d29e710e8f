// The steps of attention over halves: products in f32. A part of attention.h.
#ifndef TW_HALF_ATTENTION_H
#define TW_HALF_ATTENTION_H

TW_INLINE void store_halves(const float *key, const float *value, int64_t head_dim, int64_t slot, uint16_t *head) {
    for (int64_t d = 0; d + 8 <= head_dim; d += 8) {
        uint16_t column[8];
        TW_STORE_HALF(column, v8_load(key + d));
        for (int64_t i = 0; i < 8; i++) head[(d + i) * TW_KV_BLOCK + slot] = column[i];
        TW_STORE_HALF(head + (TW_KV_BLOCK + slot) * head_dim + d, v8_load(value + d));
    }
}

// A head's block, widened to f32 in `room` unless `room` is NULL.
TW_INLINE attention_block block_of_halves(const uint8_t *head, int64_t head_dim, float *room) {
    const int64_t elements = TW_KV_BLOCK * head_dim;
    for (int64_t i = 0; room && i < 2 * elements; i += 8) v8_store(room + i, TW_LOAD_HALF((const uint16_t *)head + i));
    return (attention_block){.k = head, .v = head + 2 * elements, .keys = room,
                             .values = room ? room + elements : NULL};
}

TW_INLINE v8 block_key(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->keys + at) : TW_LOAD_HALF((const uint16_t *)block->k + at);
}
TW_INLINE v8 block_value(const attention_block *block, const bool widened, int64_t at) {
    return widened ? v8_load(block->values + at) : TW_LOAD_HALF((const uint16_t *)block->v + at);
}

// Scores of lines [first, first + lines), of one KV head, against the 16 keys of its block. A score is the sum over the
// even dimensions plus the sum over the odd ones, so that twice as many sums are in flight.
TW_INLINE void score_halves(attention_bundle *bundle, int64_t first, const int lines, const bool widened,
                            int64_t head_dim, float scale) {
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    const uint8_t *next = widened ? NULL : line->next;
    v8 score[TW_LINES][4];  // keys 0-7 and 8-15 of the even dimensions, then of the odd ones
    TW_UNROLL for (int l = 0; l < lines; l++) {
        TW_UNROLL for (int i = 0; i < 4; i++) score[l][i] = v8_set(0);
    }
    for (int64_t d = 0; d < head_dim; d += 2) {
        if (next) TW_FETCH(next + 2 * d * TW_KV_BLOCK);
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
        const v8 low = score[l][0] + score[l][2], high = score[l][1] + score[l][3];
        const v16 s = v16_select(sees(line + l), v16_of(low, high) * v16_set(scale), v16_set(-INFINITY));
        v16_store(bundle->p[first + l], s);
        bundle->block_highest[first + l] = v16_highest(s);
    }
}

// One online-softmax update of each line: its scores become weights.
TW_INLINE void weigh_halves(attention_bundle *bundle) {
    raise_highest(bundle);
    for (int64_t l = 0; l < bundle->count; l++) {
        attention_state *state = bundle->line[l].state;
        const v16 p = v16_exp_below_0(v16_load(bundle->p[l]) - v16_set(bundle->highest[l]));
        v16_store(bundle->p[l], p);
        state->total = fmaf(state->total, bundle->keep[l], v16_sum(p));
    }
}

// out = out * keep + sum of p[j] * value[j] over the visible j in order, for lines of one KV head that see equally many
// keys.
TW_INLINE void add_half_values(const attention_bundle *bundle, int64_t first, const int lines, const bool widened,
                               int64_t head_dim) {
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    const float(*p)[TW_KV_BLOCK] = bundle->p + first;
    const float *keep = bundle->keep + first;
    const uint8_t *next = widened ? NULL : line->next;
    const int32_t visible = line->visible;
    int64_t d = 0;
    for (; d + 32 <= head_dim; d += 32) {
        v8 sum[TW_LINES][4];
        TW_UNROLL for (int l = 0; l < lines; l++) {
            TW_UNROLL for (int i = 0; i < 4; i++) sum[l][i] = v8_load(line[l].out + d + 8 * i) * v8_set(keep[l]);
        }
        for (int32_t j = 0; j < visible; j++) {
            if (next) TW_FETCH(next + 2 * (head_dim + d + 2 * j) * TW_KV_BLOCK);
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
            for (int32_t j = 0; j < visible; j++) {
                o = v8_fma(v8_set(p[l][j]), block_value(block, widened, j * head_dim + d), o);
            }
            v8_store(line[l].out + d, o);
        }
    }
}

TW_INLINE void attend_halves(attention_bundle *bundle, const bool widened, int64_t head_dim, float scale) {
    TW_FOR_GROUPS(bundle, false, score_halves(bundle, first, LINES, widened, head_dim, scale))
    weigh_halves(bundle);
    // Rows of a prompt that end within this block see different numbers of keys, and a row must not add the values past
    // its end.
    TW_FOR_GROUPS(bundle, true, add_half_values(bundle, first, LINES, widened, head_dim))
}

#endif
