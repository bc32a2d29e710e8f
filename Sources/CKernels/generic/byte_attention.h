// The steps of attention over bytes: whole-number products of rounded queries with keys, and of rounded weights with
// values. A part of attention.h.
//
// The including file defines what multiplies 64 bytes, four a lane, with the four of one line:
//     byte_vector                       64 signed bytes in registers
//     load_keys(p), load_values(p)
//     KEYS_STAY_RAISED                  whether load_keys leaves keys as they are stored
//     WEIGHTS_ARE_SIGNED                whether weights are multiplied as signed bytes, LOWERED by 127
//     v16i add_keys(sum, keys, q)       sum[j] += key[j][0...3] * q[0...3]
//     v16i add_values(sum, values, w)   sum[d] += value[d][0...3] * w[0...3]
#ifndef TW_BYTE_ATTENTION_H
#define TW_BYTE_ATTENTION_H

// Vectors of values whose sums a line holds at a time: as many as the registers allow.
enum { VALUE_VECTORS = TW_LINES == 6 ? 4 : 1 };

// A vector as bytes: x = scale * q, scale = max|x| / 127. NaN counts as 0, and so do all values if none is above 1e-36.
typedef struct {
    float scale;
    float inverse;
} byte_scale;
TW_INLINE byte_scale scale_of(const float *x, int64_t count) {
    v8 high = v8_set(0);
    for (int64_t i = 0; i + 8 <= count; i += 8) high = v8_max((v8)((v8i)v8_load(x + i) & 0x7fffffff), high);
    const float highest = v8_highest(high);
    return (byte_scale){highest / 127.0f, highest > TW_NEGLIGIBLE ? 127.0f / highest : 0};
}
// Eight values rounded to the vector's bytes, not narrowed yet.
TW_INLINE v8i rounded(const float *x, byte_scale scale) {
    const v8 t = v8_load(x) * v8_set(scale.inverse), magic = v8_set(TW_ROUNDING);
    return (v8i)(v8_select(t == t, t, v8_set(0)) + magic) - (v8i)magic;
}

TW_INLINE void store_bytes(const float *key, const float *value, int64_t head_dim, int64_t slot, uint8_t *head) {
    const int64_t part = kv_part_bytes(TW_KV_Q8, head_dim);
    float *scales = (float *)(head + 2 * part);
    const byte_scale key_scale = scale_of(key, head_dim), value_scale = scale_of(value, head_dim);
    for (int64_t d = 0; d + 8 <= head_dim; d += 8) {
        const v8i k = rounded(key + d, key_scale) + RAISED, v = rounded(value + d, value_scale);
        for (int64_t i = 0; i < 8; i++) {
            head[key_byte(d + i, slot)] = (uint8_t)k[i];
            head[part + value_byte(d + i, slot, head_dim)] = (uint8_t)v[i];
        }
    }
    scales[slot] = key_scale.scale;
    scales[TW_KV_BLOCK + slot] = value_scale.scale;
}

TW_INLINE void round_query(const float *q, int64_t head_dim, float scale, int8_t *bytes, attention_state *state) {
    const byte_scale own = scale_of(q, head_dim);
    v8i sum = (v8i)v8_set(0);
    for (int64_t d = 0; d + 8 <= head_dim; d += 8) {
        const v8i n = rounded(q + d, own);
        const b8 narrow = __builtin_convertvector(n, b8);
        memcpy(bytes + d, &narrow, sizeof narrow);
        sum += n;
    }
    int32_t total = 0;
    for (int i = 0; i < 8; i++) total += sum[i];
    state->scale = own.scale * scale;
    state->offset = -RAISED * total;
}

// Weights are 0...254; kernels that multiply signed bytes use weights that are 127 lower.
enum { MOST_WEIGHT = 254, LOWERED = 127 };

// Scales the values' scales so that the largest becomes MOST_WEIGHT; all become 0 if the largest is negligible.
TW_INLINE v16 weight_scales(v16 scales, float *unit) {
    const float largest = v16_highest(scales);
    *unit = largest / MOST_WEIGHT;
    return scales * v16_set(largest > TW_NEGLIGIBLE ? MOST_WEIGHT / largest : 0);
}

TW_INLINE attention_block block_of_bytes(const uint8_t *head, int64_t head_dim) {
    const int64_t part = kv_part_bytes(TW_KV_Q8, head_dim);
    const float *scales = (const float *)(head + 2 * part);
    attention_block block = {.k = head, .v = head + part, .scales = scales + TW_KV_BLOCK};
    block.key_scales = v16_load(scales);
    // Slots without a token may hold any bytes: a line that ends before such a slot computes value scales of its own.
    block.value_scales = weight_scales(v16_load(block.scales), &block.value_unit);
    return block;
}

TW_INLINE v16i sees(const attention_line *line) {
    const v16i index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return index < line->visible;
}

// Scores of lines [first, first + lines), of one KV head, against the 16 keys of its block.
TW_INLINE void score_bytes(attention_bundle *bundle, int64_t first, const int lines, int64_t head_dim) {
    // With few lines each product waits for the sum before it: two partial sums per line overlap the waits.
    const int parts = TW_LINES == 6 && lines <= 3 ? 2 : 1;
    const attention_line *line = bundle->line + first;
    const attention_block *block = line->block;
    v16i sum[TW_LINES][2];
    TW_UNROLL for (int l = 0; l < lines; l++) {
        sum[l][0] = (v16i)v16_set(0) + (KEYS_STAY_RAISED ? line[l].state->offset : 0);
        sum[l][1] = (v16i)v16_set(0);
    }
    const uint8_t *next = line->next;
    if (next) {
        const uint8_t *scales = next + 2 * (block->v - block->k);
        TW_UNROLL for (int i = 0; i < 2; i++) TW_FETCH(scales + 64 * i);
    }
    for (int64_t d = 0; d < head_dim; d += 8) {
        TW_UNROLL for (int odd = 0; odd < 2; odd++) {
            const int64_t at = d + 4 * odd;
            if (next) TW_FETCH(next + at * TW_KV_BLOCK);
            const byte_vector keys = load_keys(block->k + at * TW_KV_BLOCK);
            TW_UNROLL for (int l = 0; l < lines; l++) {
                v16i *s = &sum[l][odd % parts];
                *s = add_keys(*s, keys, line[l].rounded + at);
            }
        }
    }
    TW_UNROLL for (int l = 0; l < lines; l++) {
        const v16 scale = block->key_scales * v16_set(line[l].state->scale);
        const v16 s = __builtin_convertvector(sum[l][0] + sum[l][1], v16) * scale;
        const v16 seen = v16_select(sees(line + l), s, v16_set(-INFINITY));
        v16_store(bundle->p[first + l], seen);
        bundle->block_highest[first + l] = v16_highest(seen);
    }
}

// One online-softmax update of each line. Weights are relative to the highest score of this block and rounded; `part`
// is their factor relative to the other blocks.
TW_INLINE void weigh_bytes(attention_bundle *bundle) {
    raise_highest(bundle);
    v16_store(bundle->part, v16_exp_below_0(v16_load(bundle->block_highest) - v16_load(bundle->highest)));
    for (int64_t l = 0; l < bundle->count; l++) {
        const attention_line *line = bundle->line + l;
        const v16 part = v16_set(bundle->part[l]), keep = v16_set(bundle->keep[l]);
        const v16 p = v16_exp_below_0(v16_load(bundle->p[l]) - v16_set(bundle->block_highest[l]));
        v16_store(line->totals, v16_fma(p, part, v16_load(line->totals) * keep));
        v16 scales = line->block->value_scales;
        float unit = line->block->value_unit;
        if (line->visible < TW_KV_BLOCK) {
            scales = weight_scales(v16_select(sees(line), v16_load(line->block->scales), v16_set(0)), &unit);
        }
        const v16i rounded = (v16i)(p * scales + v16_set(TW_ROUNDING)) - (WEIGHTS_ARE_SIGNED ? LOWERED : 0);
        const b16 weights = __builtin_convertvector(rounded, b16);
        memcpy(bundle->weights[l], &weights, sizeof weights);
        bundle->part[l] *= unit;
    }
}

// out = out * keep + sum * part, for 16 dimensions, or for 8 if `half` is set.
TW_INLINE void add_sums(float *out, v16i sum, float keep, float part, const bool half) {
    const v16 s = __builtin_convertvector(sum, v16) * v16_set(part);
    if (half) v8_store(out, v8_fma(v8_load(out), v8_set(keep), v16_low(s)));
    else v16_store(out, v16_fma(v16_load(out), v16_set(keep), s));
}

// Adds the weighted values of the dimensions from `d` on, 16 for each of `vectors`, for lines of one KV head.
TW_INLINE void add_value_vectors(const attention_bundle *bundle, int64_t first, const int lines, const int vectors,
                                 const bool half, int64_t d, int64_t head_dim) {
    const attention_line *line = bundle->line + first;
    const int64_t slots = value_byte(0, 4, head_dim);  // from four tokens to the next four
    const uint8_t *stored = line->block->v + value_byte(d, 0, head_dim);
    const uint8_t *next = line->next ? line->next + (stored - line->block->k) : NULL;
    static const int8_t all_lowered[4] = {LOWERED, LOWERED, LOWERED, LOWERED};
    v16i sum[TW_LINES][VALUE_VECTORS], lowered[VALUE_VECTORS];
    TW_UNROLL for (int i = 0; i < vectors; i++) {
        lowered[i] = (v16i)v16_set(0);
        TW_UNROLL for (int l = 0; l < lines; l++) sum[l][i] = (v16i)v16_set(0);
    }
    TW_UNROLL for (int quarter = 0; quarter < 4; quarter++) {
        TW_UNROLL for (int i = 0; i < vectors; i++) {
            if (next) TW_FETCH(next + quarter * slots + 64 * i);
            const byte_vector values = load_values(stored + quarter * slots + 64 * i);
            TW_UNROLL for (int l = 0; l < lines; l++) {
                sum[l][i] = add_values(sum[l][i], values, bundle->weights[first + l] + 4 * quarter);
            }
            if (WEIGHTS_ARE_SIGNED) lowered[i] = add_values(lowered[i], values, all_lowered);
        }
    }
    TW_UNROLL for (int l = 0; l < lines; l++) {
        const float keep = bundle->keep[first + l], part = bundle->part[first + l];
        TW_UNROLL for (int i = 0; i < vectors; i++) {
            add_sums(line[l].out + d + 16 * i, sum[l][i] + lowered[i], keep, part, half);
        }
    }
}

TW_INLINE void add_byte_values(const attention_bundle *bundle, int64_t first, const int lines, int64_t head_dim) {
    enum { TOGETHER = 16 * VALUE_VECTORS };
    int64_t d = 0;
    for (; d + TOGETHER <= head_dim; d += TOGETHER) {
        add_value_vectors(bundle, first, lines, VALUE_VECTORS, false, d, head_dim);
    }
    for (; TOGETHER > 16 && d + 16 <= head_dim; d += 16) {
        add_value_vectors(bundle, first, lines, 1, false, d, head_dim);
    }
    if (d < head_dim) add_value_vectors(bundle, first, lines, 1, true, d, head_dim);
}

TW_INLINE void attend_bytes(attention_bundle *bundle, int64_t head_dim) {
    TW_FOR_GROUPS(bundle, false, score_bytes(bundle, first, LINES, head_dim))
    weigh_bytes(bundle);
    TW_FOR_GROUPS(bundle, false, add_byte_values(bundle, first, LINES, head_dim))
}

#endif
