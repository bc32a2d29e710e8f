// Compares every set of kernels that this processor runs with the portable ones, bit by bit, and the portable ones with
// f64. Prints what it did and a digest of the portable results, which is the same on every processor.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

const tw_kernels *sets[MOST_SETS];
int set_count;

static uint64_t state;
static uint64_t digest = 0xcbf29ce484222325u;
static long comparisons, failures;

void *buffer(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (memory == NULL) {
        fprintf(stderr, "kernel_check: no memory for %zu elements of %zu bytes\n", count, size);
        exit(2);
    }
    return memory;
}

void seed(uint64_t value) { state = value; }

uint64_t next_bits(void) {
    state += 0x9e3779b97f4a7c15u;
    uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

float next_float(void) { return (float)((int32_t)(next_bits() >> 40) - (1 << 23)) / (float)(1 << 23); }

void fill(float *x, int64_t count, float size) {
    for (int64_t i = 0; i < count; i++) x[i] = next_float() * next_float() * size;
}

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return x == x ? bits : 0x7fc00000u;
}

static void fail(const char *what, const char *name, int64_t index, double got, double expected) {
    if (failures++ < 20) {
        fprintf(stderr, "kernel_check: %s, %s: place %" PRId64 " holds %.9g, not %.9g\n", name, what, index, got,
                expected);
    }
}

void compare_floats(const char *what, const tw_kernels *set, const float *got, const float *expected, int64_t count) {
    comparisons++;
    for (int64_t i = 0; i < count; i++) {
        if (bits_of(got[i]) != bits_of(expected[i])) {
            fail(what, set->name, i, got[i], expected[i]);
            return;
        }
    }
}

void compare_bytes(const char *what, const tw_kernels *set, const void *got, const void *expected, size_t count) {
    comparisons++;
    const uint8_t *a = got, *b = expected;
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i]) {
            fail(what, set->name, (int64_t)i, a[i], b[i]);
            return;
        }
    }
}

void compare_reference(const char *what, const float *got, const double *expected, const double *bound, int64_t count) {
    comparisons++;
    for (int64_t i = 0; i < count; i++) {
        if (!(fabs((double)got[i] - expected[i]) <= bound[i])) {
            fail(what, sets[0]->name, i, got[i], expected[i]);
            return;
        }
    }
}

void digest_bytes(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

void digest_floats(const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) digest = (digest ^ bits_of(x[i])) * 0x100000001b3u;
}

int main(void) {
    while (set_count < MOST_SETS && tw_kernels_at(set_count) != NULL) {
        sets[set_count] = tw_kernels_at(set_count);
        set_count++;
    }
    check_products();
    check_attention();
    check_text_attention();
    check_rows();
    check_vocabulary();
    printf("kernels:");
    for (int i = 0; i < set_count; i++) printf(" %s", sets[i]->name);
    printf("\ncomparisons: %ld, failures: %ld\ndigest: %016" PRIx64 "\n", comparisons, failures, digest);
    return failures == 0 ? 0 : 1;
}
