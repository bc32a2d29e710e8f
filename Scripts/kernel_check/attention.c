// Attention over paged keys and values: KV heads, groups, head widths, rows and positions across block borders.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

typedef struct {
    tw_kv_type type;
    int64_t head_dim, heads, group, first_position, rows;
    float *q;
    uint8_t *cache;  // [block][KV head]: keys, then values, then the scales of bytes
    int32_t *blocks;
} attention_case;

static int64_t head_stride(const attention_case *c) { return tw_kv_head_bytes(c->type, c->head_dim); }
static int64_t width(const attention_case *c) { return c->heads * c->group * c->head_dim; }

// The KV head of a query line in the block of a position.
static uint8_t *head_at(const attention_case *c, int64_t position, int64_t head) {
    return c->cache + (c->blocks[position / TW_KV_BLOCK] * c->heads + head) * head_stride(c);
}

static int64_t padded(const attention_case *c) { return (c->head_dim + 15) / 16 * 16; }

// Scale `index` of a head's bytes: of the 16 keys, then of the values.
static double byte_scale(const attention_case *c, const uint8_t *head, int64_t index) {
    return (double)((const float *)(head + 2 * TW_KV_BLOCK * padded(c)))[index];
}

static double key_at(const attention_case *c, const uint8_t *head, int64_t slot, int64_t d) {
    if (c->type == TW_KV_F16) return (double)tw_half_to_float(((const uint16_t *)head)[d * TW_KV_BLOCK + slot]);
    return byte_scale(c, head, slot) * (double)(head[(d / 4 * TW_KV_BLOCK + slot) * 4 + d % 4] - 128);
}

static double value_at(const attention_case *c, const uint8_t *head, int64_t slot, int64_t d) {
    if (c->type == TW_KV_F16) {
        return (double)tw_half_to_float(((const uint16_t *)head)[(TW_KV_BLOCK + slot) * c->head_dim + d]);
    }
    const uint8_t *values = head + TW_KV_BLOCK * padded(c);
    return byte_scale(c, head, TW_KV_BLOCK + slot) * (double)(int8_t)values[(slot / 4 * padded(c) + d) * 4 + slot % 4];
}

static attention_case random_case(tw_kv_type type, int64_t head_dim, int64_t heads, int64_t group, int64_t first_position,
                                  int64_t rows) {
    attention_case c = {type, head_dim, heads, group, first_position, rows, NULL, NULL, NULL};
    const int64_t positions = first_position + rows, count = (positions + TW_KV_BLOCK - 1) / TW_KV_BLOCK;
    c.q = buffer((size_t)(rows * width(&c)), sizeof(float));
    fill(c.q, rows * width(&c), 4);
    c.cache = buffer((size_t)(count * heads * head_stride(&c)), 1);
    c.blocks = buffer((size_t)count, sizeof(int32_t));
    // The pool's blocks in another order; slots that no position has been written to hold NaN.
    for (int64_t b = 0; b < count; b++) c.blocks[b] = (int32_t)((b + 1) % count);
    for (int64_t i = 0; i < count * heads * head_stride(&c); i++) c.cache[i] = 0xff;
    float *key = buffer((size_t)head_dim, sizeof(float)), *value = buffer((size_t)head_dim, sizeof(float));
    for (int64_t p = 0; p < positions; p++) {
        for (int64_t h = 0; h < heads; h++) {
            fill(key, head_dim, 4);
            fill(value, head_dim, 2);
            sets[0]->store_kv(type, key, value, head_dim, p % TW_KV_BLOCK, head_at(&c, p, h));
        }
    }
    free(key);
    free(value);
    return c;
}

static void attend(const tw_kernels *set, const attention_case *c, float *out) {
    float *scratch = buffer((size_t)tw_attention_scratch(c->type, c->head_dim, c->heads * c->rows * c->group), sizeof(float));
    const tw_attention job = {
        .q = c->q, .q_stride = width(c), .out = out, .out_stride = width(c), .rows = c->rows,
        .first_position = c->first_position, .heads = c->heads, .group = c->group, .head_dim = c->head_dim,
        .blocks = c->blocks, .kv_type = c->type, .cache = c->cache,
        .block_stride = c->heads * head_stride(c), .head_stride = head_stride(c),
        .scale = 1.0f / sqrtf((float)c->head_dim), .scratch = scratch,
    };
    set->attend(&job);
    free(scratch);
}

// The query that keys are multiplied with: beside bytes, the nearest of its 255 steps.
static void attended(const attention_case *c, const float *q, double *query) {
    float largest = 0;
    for (int64_t d = 0; d < c->head_dim; d++) largest = fmaxf(largest, fabsf(q[d]));
    const float inverse = 127.0f / largest, step = largest / 127.0f;
    for (int64_t d = 0; d < c->head_dim; d++) {
        query[d] = c->type == TW_KV_F16 ? (double)q[d] : (double)rintf(q[d] * inverse) * (double)step;
    }
}

// What weights of bytes may be off by at `position`, half a step, times the value's scale: 254 steps reach to the block's
// highest weight times the highest of its scales.
static double weight_error(const attention_case *c, const double *weight, int64_t visible, int64_t position, int64_t kv_head) {
    if (c->type == TW_KV_F16) return 0;
    double highest = 0, largest = 0;
    for (int64_t p = position / TW_KV_BLOCK * TW_KV_BLOCK; p < visible && p / TW_KV_BLOCK == position / TW_KV_BLOCK; p++) {
        highest = fmax(highest, weight[p]);
        largest = fmax(largest, byte_scale(c, head_at(c, p, kv_head), TW_KV_BLOCK + p % TW_KV_BLOCK));
    }
    return highest * largest / (2 * 254);
}

// One query head of one row by definition, in f64.
static void reference(const attention_case *c, int64_t row, int64_t line, double *expected, double *bound) {
    const int64_t dim = c->head_dim, visible = c->first_position + row + 1, kv_head = line / c->group;
    const double scale = (double)(1.0f / sqrtf((float)dim));
    double *score = buffer((size_t)visible, sizeof(double)), *query = buffer((size_t)dim, sizeof(double));
    double highest = -INFINITY, total = 0, error = 0;
    attended(c, c->q + row * width(c) + line * dim, query);
    for (int64_t p = 0; p < visible; p++) {
        double size = 0;
        for (int64_t d = 0; d < dim; d++) {
            const double term = query[d] * key_at(c, head_at(c, p, kv_head), p % TW_KV_BLOCK, d) * scale;
            score[p] += term;
            size += fabs(term);
        }
        highest = score[p] > highest ? score[p] : highest;
        error = fmax(error, size * (double)(dim + 2) * 0x1p-24);
    }
    for (int64_t p = 0; p < visible; p++) total += score[p] = exp(score[p] - highest);
    for (int64_t d = 0; d < dim; d++) expected[d] = bound[d] = 0;
    for (int64_t p = 0; p < visible; p++) {
        const uint8_t *head = head_at(c, p, kv_head);
        const int64_t slot = p % TW_KV_BLOCK;
        const double value_scale = c->type == TW_KV_F16 ? 1 : byte_scale(c, head, TW_KV_BLOCK + slot);
        const double rounding = weight_error(c, score, visible, p, kv_head);
        const double relative = 2 * error + (double)(visible + visible / 2 + 32) * 0x1p-24;
        for (int64_t d = 0; d < dim; d++) {
            const double v = value_at(c, head, slot, d);
            expected[d] += score[p] * v / total;
            bound[d] += (relative * score[p] + rounding / value_scale) * fabs(v) / total;
        }
    }
    free(score);
    free(query);
}

static void check_type(tw_kv_type type, int64_t head_dim, int64_t heads, int64_t group, int64_t first_position, int64_t rows) {
    char what[96];
    snprintf(what, sizeof what, "%s attention of %d x %d heads of %d, %d rows from position %d",
             type == TW_KV_F16 ? "f16" : "q8", (int)heads, (int)group, (int)head_dim, (int)rows, (int)first_position);
    attention_case c = random_case(type, head_dim, heads, group, first_position, rows);
    const int64_t count = rows * width(&c);
    float *expected = buffer((size_t)count, sizeof(float)), *got = buffer((size_t)count, sizeof(float));
    double *exact = buffer((size_t)count, sizeof(double)), *bound = buffer((size_t)count, sizeof(double));
    attend(sets[0], &c, expected);
    for (int64_t i = 0; i < rows * heads * group; i++) {
        reference(&c, i / (heads * group), i % (heads * group), exact + i * head_dim, bound + i * head_dim);
    }
    compare_reference(what, expected, exact, bound, count);
    digest_floats(expected, count);
    for (int s = 1; s < set_count; s++) {
        attend(sets[s], &c, got);
        compare_floats(what, sets[s], got, expected, count);
    }
    free(c.q);
    free(c.cache);
    free(c.blocks);
    free(expected);
    free(got);
    free(exact);
    free(bound);
}

static void check_case(int64_t head_dim, int64_t heads, int64_t group, int64_t first_position, int64_t rows) {
    check_type(TW_KV_F16, head_dim, heads, group, first_position, rows);
    check_type(TW_KV_Q8, head_dim, heads, group, first_position, rows);
}

void check_attention(void) {
    static const int64_t widths[] = {8, 16, 64, 80, 128};
    seed(100);
    for (int i = 0; i < 5; i++) {
        for (int64_t group = 1; group <= 9; group++) {
            check_case(widths[i], 1, group, 0, 1);
            check_case(widths[i], 1, group, 15, 2);
            check_case(widths[i], 1, group, 40, 17);
            check_case(widths[i], 3, group, 33, 1);
        }
        for (int64_t heads = 2; heads <= 17; heads += 5) {
            check_case(widths[i], heads, 1, 50, 1);
            check_case(widths[i], heads, 2, 50, 1);
        }
        check_case(widths[i], 9, 3, 20, 3);
    }
}
