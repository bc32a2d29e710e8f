// Kernels that go over rows: quantising, norms, rotation, gated SiLU, GELU, addition, halves.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { WIDTH = 608, ROWS = 5 };

// 8-bit rows as one piece of memory, so that what a kernel must not touch is compared too.
typedef struct {
    int8_t q[ROWS * WIDTH];
    float scale[ROWS * WIDTH / TW_BLOCK];
    float scaled_sum[ROWS * WIDTH / TW_BLOCK];
    int32_t offset[ROWS * WIDTH / 16];
} eight_bits;

static void quantise(const tw_kernels *set, const float *x, int64_t first, int64_t columns, eight_bits *out) {
    memset(out, 0x55, sizeof *out);
    const tw_quantised_rows rows = {out->q + first, out->scale + first / TW_BLOCK, out->scaled_sum + first / TW_BLOCK,
                                    out->offset + first / 16};
    set->quantise_rows(x + first, ROWS, columns, WIDTH, rows);
}

static void check_quantised(const float *x, int64_t first, int64_t columns) {
    static eight_bits expected, got;
    quantise(sets[0], x, first, columns, &expected);
    digest_bytes(expected.q, sizeof expected.q);
    digest_floats(expected.scale, ROWS * WIDTH / TW_BLOCK);
    digest_floats(expected.scaled_sum, ROWS * WIDTH / TW_BLOCK);
    digest_bytes(expected.offset, sizeof expected.offset);
    for (int s = 1; s < set_count; s++) {
        quantise(sets[s], x, first, columns, &got);
        compare_bytes("quantised", sets[s], got.q, expected.q, sizeof got.q);
        compare_floats("scales", sets[s], got.scale, expected.scale, ROWS * WIDTH / TW_BLOCK);
        compare_floats("scaled sums", sets[s], got.scaled_sum, expected.scaled_sum, ROWS * WIDTH / TW_BLOCK);
        compare_bytes("offsets", sets[s], got.offset, expected.offset, sizeof got.offset);
    }
}

static void check_quantise(void) {
    static const float sizes[] = {1e-38f, 1e-36f, 1e-3f, 1, 1e30f, 1e38f};
    static const float extremes[] = {NAN, INFINITY, -INFINITY, FLT_MAX, FLT_MIN / 4, 0, -0.0f};
    float x[ROWS * WIDTH];
    seed(200);
    for (int i = 0; i < 6; i++) {
        fill(x, ROWS * WIDTH, sizes[i]);
        check_quantised(x, 0, WIDTH);
        check_quantised(x, 64, 96);
    }
    // Exact halves between two integers.
    for (int i = 0; i < ROWS * WIDTH; i++) x[i] = i % TW_BLOCK == 31 ? 127 : (float)(i % 200) - 99.5f;
    check_quantised(x, 0, WIDTH);
    for (int i = 0; i < 7; i++) {
        fill(x, ROWS * WIDTH, 1);
        for (int at = i; at < ROWS * WIDTH; at += 45) x[at] = extremes[i];
        check_quantised(x, 0, WIDTH);
        for (int at = 0; at < ROWS * WIDTH; at++) x[at] = extremes[(at / 7 + at / TW_BLOCK * i) % 7];
        check_quantised(x, 0, WIDTH);
    }
}

// What a kernel makes of `x` in place; `other` is a second input.
typedef void (*row_kernel)(const tw_kernels *set, float *x, const float *other, int64_t width);

static void norm(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->rms_norm(x, width, other, 1e-5f, ROWS, width, x, width);
}
static void silu(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->silu_multiply(x, other, ROWS, width, width);
}
static void add(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->add(x, other, ROWS * width);
}
static void rope_halves(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->rope(x, ROWS, width, other, other + width, width / 2, false);
}
static void rope_pairs(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->rope(x, ROWS, width, other, other + width, width / 2, true);
}

static void layer_norm(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->layer_norm(x, width, other, other + width, 1e-12f, ROWS, width, x, width);
}
static void gelu(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->gelu(x, other, ROWS, width, width);
}
static void add_bias(const tw_kernels *set, float *x, const float *other, int64_t width) {
    set->add_bias(x, other, ROWS, width, width);
}

static void check_kernel(const char *what, row_kernel kernel, int64_t width, float size, bool has_extremes) {
    float start[ROWS * WIDTH], other[ROWS * WIDTH], expected[ROWS * WIDTH], got[ROWS * WIDTH];
    fill(start, ROWS * width, size);
    fill(other, ROWS * width, 2);
    if (has_extremes) {
        const float extremes[] = {NAN, INFINITY, -INFINITY, 100, -100, 3e38f, -3e38f, -0.0f};
        for (int i = 0; i < 8; i++) start[i] = extremes[i];
    }
    memcpy(expected, start, sizeof expected);
    kernel(sets[0], expected, other, width);
    digest_floats(expected, ROWS * width);
    for (int s = 1; s < set_count; s++) {
        memcpy(got, start, sizeof got);
        kernel(sets[s], got, other, width);
        compare_floats(what, sets[s], got, expected, ROWS * width);
    }
}

// GELU with an error function that is within 1e-6, and three roundings.
static void check_gelu(void) {
    enum { COUNT = 24000 };
    float *x = buffer(COUNT, sizeof(float)), *zero = buffer(COUNT, sizeof(float));
    double *exact = buffer(COUNT, sizeof(double)), *bound = buffer(COUNT, sizeof(double));
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(i - COUNT / 2) / 1200;
        const double v = (double)x[i];
        exact[i] = v * 0.5 * (1 + erf(v * sqrt(0.5)));
        bound[i] = fabs(v) * 0.5 * (1e-6 + 4 * 0x1p-24);
    }
    sets[0]->gelu(x, zero, 1, COUNT, COUNT);
    compare_reference("GELU", x, exact, bound, COUNT);
    free(x);
    free(zero);
    free(exact);
    free(bound);
}

// Every kind of half-precision number comes back from a float, and every kind of float goes in.
static void check_halves(void) {
    enum { COUNT = 65536 };
    float *x = buffer(COUNT, sizeof(float));
    uint16_t *k = buffer(2 * COUNT * TW_KV_BLOCK, 2), *v = k + COUNT * TW_KV_BLOCK;
    seed(210);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            const uint32_t bits = (uint32_t)next_bits();
            if (round == 0) x[i] = tw_half_to_float((uint16_t)i);
            else if (round == 1) memcpy(x + i, &bits, sizeof bits);
            // Half-way between two halves.
            else x[i] = (tw_half_to_float((uint16_t)(i & 0xfbff)) + tw_half_to_float((uint16_t)((i & 0xfbff) + 1))) / 2;
        }
        for (int s = 0; s < set_count; s++) {
            sets[s]->store_kv(TW_KV_F16, x, x, COUNT, 7, (uint8_t *)k);
            for (int i = 0; i < COUNT; i++) {
                const uint16_t expected = tw_float_to_half(x[i]);
                compare_bytes("a stored key", sets[s], k + i * TW_KV_BLOCK + 7, &expected, 2);
                compare_bytes("a stored value", sets[s], v + 7 * COUNT + i, &expected, 2);
            }
        }
    }
    free(x);
    free(k);
}

// Bytes of widths down to one vector, of any float: NaN and infinity too.
static void check_bytes(void) {
    enum { MOST = 128 };
    float x[MOST];
    seed(211);
    for (int round = 0; round < 2000; round++) {
        const int64_t width = 8 * (1 + round % (MOST / 8)), size = tw_kv_head_bytes(TW_KV_Q8, width);
        for (int64_t i = 0; i < width; i++) {
            const uint32_t bits = (uint32_t)next_bits();
            if (round % 2) memcpy(x + i, &bits, sizeof bits);
        }
        if (round % 2 == 0) fill(x, width, 4);
        uint8_t *expected = buffer((size_t)size, 1), *got = buffer((size_t)size, 1);
        for (int s = 0; s < set_count; s++) {
            sets[s]->store_kv(TW_KV_Q8, x, x, width, 7, s == 0 ? expected : got);
            if (s > 0) compare_bytes("stored bytes", sets[s], got, expected, (size_t)size);
        }
        free(expected);
        free(got);
    }
}

void check_rows(void) {
    static const int64_t widths[] = {8, 16, 40, 64, 80, 128, WIDTH};
    check_quantise();
    check_bytes();
    seed(220);
    for (int i = 0; i < 7; i++) {
        check_kernel("norm", norm, widths[i], 6, false);
        check_kernel("gated SiLU", silu, widths[i], 30, false);
        check_kernel("gated SiLU of extremes", silu, widths[i], 30, true);
        check_kernel("addition", add, widths[i], 6, true);
        check_kernel("rotation of halves", rope_halves, widths[i], 6, false);
        check_kernel("rotation of pairs", rope_pairs, widths[i], 6, false);
        check_kernel("norm with a mean", layer_norm, widths[i], 6, false);
        check_kernel("GELU", gelu, widths[i], 12, false);
        check_kernel("GELU of extremes", gelu, widths[i], 12, true);
        check_kernel("bias", add_bias, widths[i], 6, true);
    }
    check_kernel("norm with a mean", layer_norm, 13, 6, false);
    check_gelu();
    check_halves();
}
