// The kernels of text encoders, written once and compiled for each kind of processor: norm with a mean, GELU, and
// attention of all tokens of a text to one another.
#ifndef TW_ENCODER_KERNELS_H
#define TW_ENCODER_KERNELS_H

#include "CKernels.h"
#include "f32_products.h"
#include "lanes.h"

static void layer_norm(const float *x, int64_t x_stride, const float *weight, const float *bias, float eps, int64_t m,
                       int64_t k, float *y, int64_t y_stride) {
    for (int64_t r = 0; r < m; r++, x += x_stride, y += y_stride) {
        v8 lanes = v8_set(0);
        int64_t i = 0;
        for (; i + 8 <= k; i += 8) lanes += v8_load(x + i);
        float sum = v8_sum(lanes);
        for (; i < k; i++) sum += x[i];
        const float mean = sum / (float)k;
        lanes = v8_set(0);
        for (i = 0; i + 8 <= k; i += 8) {
            const v8 d = v8_load(x + i) - v8_set(mean);
            lanes = v8_fma(d, d, lanes);
        }
        sum = v8_sum(lanes);
        for (; i < k; i++) sum = fmaf(x[i] - mean, x[i] - mean, sum);
        const float inverse = 1.0f / sqrtf(sum / (float)k + eps);
        for (i = 0; i + 8 <= k; i += 8) {
            const v8 d = (v8_load(x + i) - v8_set(mean)) * v8_set(inverse);
            v8_store(y + i, v8_fma(d, v8_load(weight + i), v8_load(bias + i)));
        }
        for (; i < k; i++) y[i] = fmaf((x[i] - mean) * inverse, weight[i], bias[i]);
    }
}

// erf(x / sqrt(2)) within 4e-7, and exactly 1 in size from 5.5 on: x P(x^2) / Q(x^2), fitted for the least greatest
// error on 0...5.5. NaN counts as -5.5.
TW_INLINE v8 normal_erf(v8 x) {
    x = v8_max(x, v8_set(-5.5f));
    x = v8_select(x > v8_set(5.5f), v8_set(5.5f), x);
    const v8 t = x * x;
    v8 p = v8_set(2.23511015e-10f);
    p = v8_fma(p, t, v8_set(-4.41639045e-08f));
    p = v8_fma(p, t, v8_set(6.48199511e-06f));
    p = v8_fma(p, t, v8_set(0.000340741419f));
    p = v8_fma(p, t, v8_set(0.00901829451f));
    p = v8_fma(p, t, v8_set(0.0718439817f));
    p = v8_fma(p, t, v8_set(0.797884285f));
    v8 q = v8_set(6.23251544e-05f);
    q = v8_fma(q, t, v8_set(0.00183062698f));
    q = v8_fma(q, t, v8_set(0.0290913582f));
    q = v8_fma(q, t, v8_set(0.256707639f));
    q = v8_fma(q, t, v8_set(1.0f));
    const v8 y = x * p / q;
    return v8_select(y > v8_set(1), v8_set(1), v8_max(y, v8_set(-1)));
}

static void gelu(float *x, const float *bias, int64_t m, int64_t k, int64_t stride) {
    for (int64_t r = 0; r < m; r++, x += stride) {
        for (int64_t i = 0; i + 8 <= k; i += 8) {
            const v8 v = v8_load(x + i) + v8_load(bias + i);
            const v8 half = v * v8_set(0.5f);
            v8_store(x + i, v8_fma(half, normal_erf(v), half));
        }
    }
}

static void add_bias(float *x, const float *bias, int64_t m, int64_t k, int64_t stride) {
    for (int64_t r = 0; r < m; r++, x += stride) {
        for (int64_t i = 0; i < k; i++) x[i] += bias[i];
    }
}

// Keys as panels of 16 tokens, [token / 16][head_dim][16], with zeros after the last token; values as panels of 16
// columns, [head_dim / 16][tokens][16].
TW_INLINE void pack_text(const tw_text_attention *job, float *keys, float *values) {
    const int64_t dim = job->head_dim, tokens = job->tokens;
    for (int64_t first = 0; first < tokens; first += TW_PANEL, keys += TW_PANEL * dim) {
        const int64_t live = tokens - first < TW_PANEL ? tokens - first : TW_PANEL;
        if (live < TW_PANEL) memset(keys, 0, (size_t)(TW_PANEL * dim) * sizeof(float));
        for (int64_t t = 0; t < live; t++) {
            const float *key = job->k + (first + t) * job->stride;
            // Scatter stores of whole vectors are slower than single stores.
            _Pragma("clang loop vectorize(disable)")
            for (int64_t d = 0; d < dim; d++) keys[d * TW_PANEL + t] = key[d];
        }
    }
    for (int64_t d = 0; d < dim; d += TW_PANEL, values += tokens * TW_PANEL) {
        for (int64_t t = 0; t < tokens; t++) {
            v16_store(values + t * TW_PANEL, v16_load(job->v + t * job->stride + d));
        }
    }
}

// Turns the `padded` scores of one row into weights that are not yet divided by their sum, and returns the sum. Entries
// past the last token get the weight 0.
TW_INLINE float weigh_text(float *score, int64_t tokens, int64_t padded, float scale) {
    for (int64_t t = tokens; t < padded; t++) score[t] = -INFINITY;
    v16 most = v16_load(score);
    for (int64_t t = TW_PANEL; t < padded; t += TW_PANEL) most = v16_max(v16_load(score + t), most);
    const v16 highest = v16_set(v8_highest(v8_max(v16_low(most), v16_high(most))));
    v16 sum = v16_set(0);
    for (int64_t t = 0; t < padded; t += TW_PANEL) {
        const v16 p = v16_exp_below_0((v16_load(score + t) - highest) * v16_set(scale));
        v16_store(score + t, p);
        sum += p;
    }
    return v8_sum(v16_low(sum) + v16_high(sum));
}

static void attend_text(const tw_text_attention *job) {
    const int64_t dim = job->head_dim, tokens = job->tokens, stride = job->stride;
    const int64_t padded = (tokens + TW_PANEL - 1) / TW_PANEL * TW_PANEL;
    // Rows of scores are a cache line further apart than `padded`: at a distance of a power of two they would share few
    // sets of the cache.
    const int64_t apart = padded + TW_PANEL;
    float *keys = job->scratch, *values = keys + padded * dim, *scores = values + padded * dim;
    pack_text(job, keys, values);
    // A few rows at a time: their scores stay in the L1 cache.
    for (int64_t top = 0; top < tokens; top += TW_TEXT_ROWS) {
        const int64_t rows = tokens - top < TW_TEXT_ROWS ? tokens - top : TW_TEXT_ROWS;
        const float *q = job->q + top * stride;
        float *out = job->out + top * job->out_stride;
        float inverse[TW_TEXT_ROWS];
        for (int64_t t = 0; t < padded; t += TW_PANEL) {
            f32_panel(keys + t * dim, dim, q, stride, rows, scores + t, apart, false);
        }
        for (int64_t r = 0; r < rows; r++) {
            inverse[r] = 1.0f / weigh_text(scores + r * apart, tokens, padded, job->scale);
        }
        for (int64_t d = 0; d < dim; d += TW_PANEL) {
            f32_panel(values + d * tokens, tokens, scores, apart, rows, out + d, job->out_stride, false);
        }
        for (int64_t r = 0; r < rows; r++) {
            float *own = out + r * job->out_stride;
            for (int64_t d = 0; d < dim; d += 8) v8_store(own + d, v8_load(own + d) * v8_set(inverse[r]));
        }
    }
}

#endif
