// Kernels that go over the logits of a vocabulary.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void check_highest(const float *x, int64_t count) {
    float expected_value = 0;
    const int64_t expected = sets[0]->argmax(x, count, &expected_value);
    digest_bytes(&expected, sizeof expected);
    for (int s = 1; s < set_count; s++) {
        float value = 0;
        const int64_t index = sets[s]->argmax(x, count, &value);
        compare_bytes("index of the highest", sets[s], &index, &expected, sizeof index);
        if (expected >= 0) compare_floats("the highest", sets[s], &value, &expected_value, 1);
    }
}

static void check_weights(const float *x, int64_t count, float shift, float scale) {
    float *expected = buffer((size_t)count, sizeof(float)), *got = buffer((size_t)count, sizeof(float));
    const double expected_sum = sets[0]->exp_sum(x, count, shift, scale, expected);
    digest_floats(expected, count);
    digest_bytes(&expected_sum, sizeof expected_sum);
    for (int s = 1; s < set_count; s++) {
        const double sum = sets[s]->exp_sum(x, count, shift, scale, got);
        compare_floats("weights", sets[s], got, expected, count);
        compare_bytes("sum of weights", sets[s], &sum, &expected_sum, sizeof sum);
    }
    free(expected);
    free(got);
}

// The exponential within two units in the last place.
static void check_exponential(void) {
    enum { COUNT = 20000 };
    float *x = buffer(COUNT, sizeof(float)), *y = buffer(COUNT, sizeof(float));
    double *exact = buffer(COUNT, sizeof(double)), *bound = buffer(COUNT, sizeof(double));
    for (int i = 0; i < COUNT; i++) {
        x[i] = -87.3f * (float)i / COUNT;
        exact[i] = exp((double)x[i]);
        bound[i] = exact[i] * 4 * 0x1p-24;
    }
    sets[0]->exp_sum(x, COUNT, 0, 1, y);
    compare_reference("exponential", y, exact, bound, COUNT);
    free(x);
    free(y);
    free(exact);
    free(bound);
}

void check_vocabulary(void) {
    static const int64_t counts[] = {1, 5, 8, 13, 511, 512, 519, 1030, 4099};
    float *x = buffer(4099, sizeof(float));
    seed(300);
    for (int i = 0; i < 9; i++) {
        fill(x, counts[i], 20);
        check_highest(x, counts[i]);
        check_weights(x, counts[i], 3, 0.7f);
        check_weights(x, counts[i], 30, 2);
        for (int64_t at = 0; at < counts[i]; at += 3) x[at] = at % 2 ? NAN : -INFINITY;
        check_highest(x, counts[i]);
        check_weights(x, counts[i], 3, 0.7f);
        for (int64_t at = 0; at < counts[i]; at++) x[at] = NAN;
        check_highest(x, counts[i]);
    }
    check_exponential();
    free(x);
}
