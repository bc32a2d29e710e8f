// The floating-point kernels, written once and compiled for each kind of processor. The including file defines
// TW_LOAD_HALF(p) -> v8 and TW_STORE_HALF(p, v8), the products of bytes that byte_attention.h names, and by its number of
// registers TW_LINES (query heads that attend at a time, 3 or 6) and TW_F32_ROWS (rows of a tile of f32 products).
#ifndef TW_FLOAT_KERNELS_H
#define TW_FLOAT_KERNELS_H

#include "CKernels.h"
#include "attention.h"
#include "encoder_kernels.h"
#include "f32_products.h"
#include "lanes.h"

static void rms_norm(const float *x, int64_t x_stride, const float *weight, float eps, int64_t m, int64_t k, float *y,
                     int64_t y_stride) {
    for (int64_t r = 0; r < m; r++, x += x_stride, y += y_stride) {
        v8 lanes = v8_set(0);
        int64_t i = 0;
        for (; i + 8 <= k; i += 8) {
            const v8 v = v8_load(x + i);
            lanes = v8_fma(v, v, lanes);
        }
        float sum = v8_sum(lanes);
        for (int64_t j = i; j < k; j++) sum += x[j] * x[j];
        const float inverse = 1.0f / sqrtf(sum / (float)k + eps);
        for (i = 0; i + 8 <= k; i += 8) v8_store(y + i, v8_load(x + i) * v8_set(inverse) * v8_load(weight + i));
        for (; i < k; i++) y[i] = x[i] * inverse * weight[i];
    }
}

static void rope(float *x, int64_t heads, int64_t head_dim, const float *cosine, const float *sine, int64_t pairs,
                 bool interleaved) {
    for (int64_t h = 0; h < heads; h++, x += head_dim) {
        int64_t i = 0;
        for (; !interleaved && i + 8 <= pairs; i += 8) {
            const v8 u = v8_load(x + i), v = v8_load(x + i + pairs), c = v8_load(cosine + i), s = v8_load(sine + i);
            v8_store(x + i, u * c - v * s);
            v8_store(x + i + pairs, u * s + v * c);
        }
        for (; i < pairs; i++) {
            float *a = interleaved ? x + 2 * i : x + i;
            float *b = interleaved ? x + 2 * i + 1 : x + i + pairs;
            const float u = *a, v = *b;
            *a = u * cosine[i] - v * sine[i];
            *b = u * sine[i] + v * cosine[i];
        }
    }
}

static void silu_multiply(float *gate, const float *up, int64_t m, int64_t k, int64_t stride) {
    for (int64_t r = 0; r < m; r++, gate += stride, up += stride) {
        for (int64_t i = 0; i + 8 <= k; i += 8) {
            const v8 g = v8_load(gate + i);
            v8_store(gate + i, g / (v8_set(1) + v8_exp(-g)) * v8_load(up + i));
        }
    }
}

static void add(float *y, const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] += x[i];
}

static void store_kv(tw_kv_type type, const float *key, const float *value, int64_t head_dim, int64_t slot,
                     uint8_t *head) {
    if (type == TW_KV_F16) store_halves(key, value, head_dim, slot, (uint16_t *)head);
    else store_bytes(key, value, head_dim, slot, head);
}

static int64_t argmax(const float *x, int64_t count, float *value) {
    v8 best = v8_set(-INFINITY);
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) best = v8_max(v8_load(x + i), best);
    float highest = v8_highest(best);
    for (; i < count; i++) highest = x[i] > highest ? x[i] : highest;
    *value = highest;
    for (i = 0; i < count; i++) {
        if (x[i] == highest) return i;
    }
    return -1;
}

static double exp_sum(const float *x, int64_t count, float shift, float scale, float *y) {
    double sum = 0;
    int64_t i = 0;
    while (i < count) {
        // Sums of at most 512 values stay in f32 lanes; the running total is f64.
        const int64_t stop = i + 512 < count ? i + 512 : count;
        v8 lanes = v8_set(0);
        for (; i + 8 <= stop; i += 8) {
            const v8 t = (v8_load(x + i) - v8_set(shift)) * v8_set(scale);
            const v8 e = v8_select(t == t, v8_exp(t), v8_set(0));
            v8_store(y + i, e);
            lanes += e;
        }
        sum += (double)v8_sum(lanes);
        for (; i < stop; i++) {
            const float t = (x[i] - shift) * scale;
            y[i] = t == t ? v8_exp(v8_set(t))[0] : 0;
            sum += (double)y[i];
        }
    }
    return sum;
}

#endif
