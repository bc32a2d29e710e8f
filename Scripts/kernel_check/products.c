// Products of every type of weights with 8-bit and f32 activations, for every number of rows from 1 to 70.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

typedef struct {
    tw_type type;
    const char *name;
    int64_t elements;  // of a block
    int64_t bytes;
    int64_t scale;    // where its f16 scale stands
    int64_t minimum;  // and its f16 minimum, or -1
} weight_type;

static const weight_type types[] = {
    {TW_TYPE_Q4_0, "q4_0", 32, 18, 0, -1},    {TW_TYPE_Q4_1, "q4_1", 32, 20, 0, 2},
    {TW_TYPE_Q5_0, "q5_0", 32, 22, 0, -1},    {TW_TYPE_Q5_1, "q5_1", 32, 24, 0, 2},
    {TW_TYPE_Q8_0, "q8_0", 32, 34, 0, -1},    {TW_TYPE_Q4_K, "q4_k", 256, 144, 0, 2},
    {TW_TYPE_Q5_K, "q5_k", 256, 176, 0, 2},   {TW_TYPE_Q6_K, "q6_k", 256, 210, 208, -1},
    {TW_TYPE_F16, "f16", 1, 2, 0, -1},        {TW_TYPE_BF16, "bf16", 1, 2, -1, -1},
    {TW_TYPE_F32, "f32", 1, 4, -1, -1},
};

enum { ROWS = 70 };

// Activation rows and their 8-bit form.
typedef struct {
    float *values;
    tw_quantised_rows quantised;
} activations;

static void put_half(uint8_t *at, float value) {
    const uint16_t half = tw_float_to_half(value);
    memcpy(at, &half, sizeof half);
}

// Half precision: the largest, the smallest, the largest subnormal and the smallest normal one, zero, of both signs.
static const uint16_t extremes[] = {0x7bff, 0xfbff, 0x0001, 0x8001, 0x03ff, 0x83ff, 0x0400, 0x8400, 0x0000, 0x8000};

static void put_extreme(uint8_t *at) {
    memcpy(at, &extremes[next_bits() % (sizeof extremes / sizeof extremes[0])], sizeof extremes[0]);
}

// Blocks of random bits, with scales that are numbers, ordinary or extreme ones.
static uint8_t *random_weights(const weight_type *kind, int64_t n, int64_t k, bool is_extreme) {
    const int64_t blocks = n * k / kind->elements;
    uint8_t *bytes = buffer((size_t)(blocks * kind->bytes), 1);
    for (int64_t b = 0; b < blocks; b++) {
        uint8_t *at = bytes + b * kind->bytes;
        const float value = next_float() * 0.25f;
        for (int64_t i = 0; i < kind->bytes; i++) at[i] = (uint8_t)next_bits();
        if (kind->type == TW_TYPE_F32) memcpy(at, &value, sizeof value);
        if (kind->type == TW_TYPE_BF16) memcpy(at, (const uint8_t *)&value + 2, 2);
        if (kind->scale >= 0) put_half(at + kind->scale, value);
        if (kind->minimum >= 0) put_half(at + kind->minimum, value * -7.5f);
        if (is_extreme && kind->scale >= 0) put_extreme(at + kind->scale);
        if (is_extreme && kind->minimum >= 0) put_extreme(at + kind->minimum);
    }
    return bytes;
}

static activations random_rows(int64_t k) {
    activations rows = {buffer((size_t)(ROWS * k), sizeof(float)), {NULL, NULL, NULL, NULL}};
    fill(rows.values, ROWS * k, 4);
    rows.quantised.q = buffer((size_t)(ROWS * k), 1);
    rows.quantised.scale = buffer((size_t)(ROWS * k / TW_BLOCK), sizeof(float));
    rows.quantised.scaled_sum = buffer((size_t)(ROWS * k / TW_BLOCK), sizeof(float));
    rows.quantised.offset = buffer((size_t)(ROWS * k / 16), sizeof(int32_t));
    if (k % TW_BLOCK == 0) sets[0]->quantise_rows(rows.values, ROWS, k, k, rows.quantised);
    return rows;
}

static void free_rows(activations rows) {
    free(rows.values);
    free(rows.quantised.q);
    free(rows.quantised.scale);
    free(rows.quantised.scaled_sum);
    free(rows.quantised.offset);
}

// A packed matrix, and what products with it start from.
typedef struct {
    const weight_type *kind;
    tw_format format;
    uint8_t *panels;
    int64_t n, k, width;
    float *start;
    float *scratch;
} matrix;

static void multiply(const tw_kernels *set, const matrix *w, const activations *x, int64_t m, bool eight_bits,
                     bool adds, float *y) {
    for (int64_t i = 0; i < m * w->width; i++) y[i] = adds ? w->start[i] : NAN;
    const int64_t panels = w->width / TW_PANEL;
    if (eight_bits) {
        set->gemm_quantised(w->format, w->panels, 0, panels, w->k, x->quantised, m, y, w->width, adds);
    } else {
        set->gemm_f32(w->format, w->panels, 0, panels, w->k, x->values, m, y, w->width, adds, w->scratch);
    }
}

// Portable products against sums in f64 over the unpacked weights.
static void check_reference(const matrix *w, const activations *x, bool eight_bits, const float *y) {
    float *row = buffer((size_t)w->k, sizeof(float));
    double *expected = buffer((size_t)(ROWS * w->width), sizeof(double));
    double *bound = buffer((size_t)(ROWS * w->width), sizeof(double));
    for (int64_t j = 0; j < w->width; j++) {
        tw_unpack_row(w->format, w->panels, w->k, j, row);
        for (int64_t r = 0; r < ROWS; r++) {
            double sum = 0, size = 0;
            for (int64_t c = 0; c < w->k; c++) {
                const int64_t at = r * w->k + c;
                const double scale = eight_bits ? (double)x->quantised.scale[at / TW_BLOCK] : 0;
                const double value = eight_bits ? scale * x->quantised.q[at] : (double)x->values[at];
                sum += value * (double)row[c];
                size += fabs(value) * 16;
            }
            expected[r * w->width + j] = sum;
            bound[r * w->width + j] = size * (double)(w->k + 4) * 0x1p-24;
        }
    }
    compare_reference(w->kind->name, y, expected, bound, ROWS * w->width);
    free(row);
    free(expected);
    free(bound);
}

static void check_matrix(const matrix *w, const activations *x, bool eight_bits, bool is_extreme) {
    char what[64];
    snprintf(what, sizeof what, "%s with %s rows of %lld", w->kind->name, eight_bits ? "8-bit" : "f32",
             (long long)w->k);
    float *expected = buffer((size_t)(ROWS * w->width), sizeof(float));
    float *got = buffer((size_t)(ROWS * w->width), sizeof(float));
    for (int adds = 0; adds < 2; adds++) {
        multiply(sets[0], w, x, ROWS, eight_bits, adds, expected);
        if (!adds && !is_extreme) check_reference(w, x, eight_bits, expected);
        digest_floats(expected, ROWS * w->width);
        for (int s = 1; s < set_count; s++) {
            for (int64_t m = 1; m <= ROWS; m++) {
                multiply(sets[s], w, x, m, eight_bits, adds, got);
                compare_floats(what, sets[s], got, expected, m * w->width);
            }
        }
    }
    free(expected);
    free(got);
}

static void check_type(const weight_type *kind, int64_t n, int64_t k, bool is_extreme) {
    matrix w = {.kind = kind, .n = n, .k = k, .width = (n + TW_PANEL - 1) / TW_PANEL * TW_PANEL};
    tw_format_for_type(kind->type, &w.format);
    w.panels = buffer((size_t)(w.width / TW_PANEL * tw_panel_bytes(w.format, k)), 1);
    w.start = buffer((size_t)(ROWS * w.width), sizeof(float));
    w.scratch = buffer((size_t)(k * TW_PANEL), sizeof(float));
    fill(w.start, ROWS * w.width, 1);
    uint8_t *bytes = random_weights(kind, n, k, is_extreme);
    tw_pack(kind->type, bytes, k / kind->elements * kind->bytes, n, k, 0, w.width / TW_PANEL, w.panels);
    activations x = random_rows(k);
    check_matrix(&w, &x, false, is_extreme);
    if (kind->elements > 1) check_matrix(&w, &x, true, is_extreme);
    free_rows(x);
    free(bytes);
    free(w.panels);
    free(w.start);
    free(w.scratch);
}

void check_products(void) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        seed(i + 1);
        const int64_t least = types[i].elements > 1 ? types[i].elements : 8;
        check_type(types + i, 37, least, false);
        check_type(types + i, 16, least == 8 ? 40 : 3 * least, false);
        check_type(types + i, 5, least == 8 ? 136 : 2 * least, false);
        // Longer than what the kernels take of a panel at a time.
        check_type(types + i, 21, least == 256 ? 2304 : 1056 + least, false);
        check_type(types + i, 48, least == 8 ? 40 : 2 * least, true);
    }
}
