// Attention of all tokens of a text to one another: head widths, and lengths around panels, tiles and groups of rows.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

// Query, key and value of two heads side by side, of which one attends; what surrounds its output stays as it was.
typedef struct {
    int64_t head_dim, tokens;
    float *projected;
} text_case;

static int64_t stride(const text_case *c) { return 6 * c->head_dim; }
static float at(const text_case *c, int part, int64_t token, int64_t d) {
    return c->projected[token * stride(c) + (2 * part + 1) * c->head_dim + d];
}

static void attend_text(const tw_kernels *set, const text_case *c, float *out) {
    const int64_t dim = c->head_dim, most = (c->tokens + 2 * TW_PANEL - 1) / TW_PANEL * TW_PANEL;
    float *scratch = buffer((size_t)((2 * dim + TW_TEXT_ROWS) * most), sizeof(float));
    const tw_text_attention job = {
        .q = c->projected + dim, .k = c->projected + 3 * dim, .v = c->projected + 5 * dim, .stride = stride(c),
        .out = out + dim, .out_stride = 2 * dim, .tokens = c->tokens, .head_dim = dim,
        .scale = 1.0f / sqrtf((float)dim), .scratch = scratch,
    };
    set->attend_text(&job);
    free(scratch);
}

// One row by definition, in f64.
static void reference(const text_case *c, int64_t row, double *expected, double *bound) {
    const int64_t dim = c->head_dim, tokens = c->tokens;
    const double scale = (double)(1.0f / sqrtf((float)dim));
    double *score = buffer((size_t)tokens, sizeof(double));
    double highest = -INFINITY, total = 0, error = 0;
    for (int64_t t = 0; t < tokens; t++) {
        double size = 0;
        for (int64_t d = 0; d < dim; d++) {
            const double term = (double)at(c, 0, row, d) * (double)at(c, 1, t, d) * scale;
            score[t] += term;
            size += fabs(term);
        }
        highest = score[t] > highest ? score[t] : highest;
        error = fmax(error, size * (double)(dim + 4) * 0x1p-24);
    }
    for (int64_t t = 0; t < tokens; t++) total += score[t] = exp(score[t] - highest);
    for (int64_t d = 0; d < dim; d++) {
        double sum = 0, size = 0;
        for (int64_t t = 0; t < tokens; t++) {
            sum += score[t] * (double)at(c, 2, t, d);
            size += score[t] * fabs((double)at(c, 2, t, d));
        }
        expected[d] = sum / total;
        bound[d] = (2 * error + (double)(2 * tokens + 32) * 0x1p-24) * size / total;
    }
    free(score);
}

static void check_text(int64_t head_dim, int64_t tokens) {
    char what[64];
    snprintf(what, sizeof what, "attention of a text of %d, head of %d", (int)tokens, (int)head_dim);
    text_case c = {head_dim, tokens, NULL};
    const int64_t count = tokens * 2 * head_dim;
    c.projected = buffer((size_t)(tokens * stride(&c)), sizeof(float));
    fill(c.projected, tokens * stride(&c), 4);
    float *expected = buffer((size_t)count, sizeof(float)), *got = buffer((size_t)count, sizeof(float));
    double *exact = buffer((size_t)count, sizeof(double)), *bound = buffer((size_t)count, sizeof(double));
    attend_text(sets[0], &c, expected);
    for (int64_t t = 0; t < tokens; t++) {
        reference(&c, t, exact + (2 * t + 1) * head_dim, bound + (2 * t + 1) * head_dim);
    }
    compare_reference(what, expected, exact, bound, count);
    digest_floats(expected, count);
    for (int s = 1; s < set_count; s++) {
        attend_text(sets[s], &c, got);
        compare_floats(what, sets[s], got, expected, count);
    }
    free(c.projected);
    free(expected);
    free(got);
    free(exact);
    free(bound);
}

void check_text_attention(void) {
    static const int64_t lengths[] = {1, 2, 7, 15, 16, 17, 23, 24, 25, 31, 48, 61, 100, 130};
    seed(150);
    for (int64_t head_dim = 16; head_dim <= 64; head_dim += 16) {
        for (int i = 0; i < 14; i++) check_text(head_dim, lengths[i]);
    }
    check_text(32, 512);
}
