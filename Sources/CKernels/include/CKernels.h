// SIMD kernels of the CPU back end.
//
// Every kernel has a portable form that is always correct, and forms for kinds of processors, chosen at run time. All
// forms give the same bits: integer parts are exact, and floating-point parts use the same operations in the same order
// (8 lanes, fused multiply-add where written, one fixed order of the final sums). No result of one row depends on which
// other rows are computed in the same call.
//
// Conventions: matrices are row-major; `k` is the input width, `n` the output width of a weight matrix [n, k]; `m` is a
// number of activation rows. Weights are stored in panels of TW_PANEL output rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Output rows of a weight matrix that are interleaved in one panel.
#define TW_PANEL 16
/// Input columns that share an activation scale.
#define TW_BLOCK 32
/// Tokens in one KV block.
#define TW_KV_BLOCK 16

/// How a packed panel stores TW_PANEL rows. A block of 32 columns x 16 rows has its scales, then its numbers: 256 bytes
/// of 4-bit numbers, with a plane of 64 bytes for a fifth bit or of 128 for a fifth and sixth, or 512 bytes of 8-bit
/// numbers. Scales are those of the model file. Each format's comment begins with its bits per weight.
typedef enum {
    /// 4.5: an f16 scale; w = scale * q - 8 * scale.
    TW_FORMAT_Q4_0 = 0,
    /// 5: an f16 scale and an f16 minimum; w = scale * q + minimum.
    TW_FORMAT_Q4_1 = 1,
    /// 5.5: an f16 scale; w = scale * (q - 16).
    TW_FORMAT_Q5_0 = 2,
    /// 6: an f16 scale and an f16 minimum; w = scale * q + minimum.
    TW_FORMAT_Q5_1 = 3,
    /// 8.5: an f16 scale; w = scale * q.
    TW_FORMAT_Q8_0 = 4,
    /// 4.625: for 256 columns f16 d and m, for 32 columns bytes s and t; scale = d * s, minimum = m * t, both f32;
    /// w = scale * q + minimum.
    TW_FORMAT_Q4_K = 5,
    /// 5.625: the scales of TW_FORMAT_Q4_K; w = scale * q + minimum.
    TW_FORMAT_Q5_K = 6,
    /// 6.5625: for 256 columns f16 d, for 16 columns a signed byte s; scale = d * s, f32; w = scale * (q - 32).
    TW_FORMAT_Q6_K = 7,
    /// 9: an f32 scale; w = scale * q.
    TW_FORMAT_S8 = 8,
    /// f32 values, [k][16]; no blocks of 32.
    TW_FORMAT_F32 = 9,
} tw_format;

/// Bytes of one panel (TW_PANEL rows) of width `k`; `k` is a multiple of 32, in the K formats of 256; any number in
/// F32.
int64_t tw_panel_bytes(tw_format format, int64_t k);

/// Activation rows quantised to 8 bits in blocks of 32: x = scale * q.
typedef struct {
    /// [m][k]
    int8_t *q;
    /// [m][k / 32]: the scale of each block.
    float *scale;
    /// [m][k / 32]: scale times the sum of the block's q, for weights that have a minimum.
    float *scaled_sum;
    /// [m][k / 16]: -128 times the sum of each half block's q, for processors that multiply unsigned weights.
    int32_t *offset;
} tw_quantised_rows;

/// The layout of keys and values in a block of the KV cache, for each KV head.
typedef enum {
    /// f16: keys [head_dim][TW_KV_BLOCK], then values [TW_KV_BLOCK][head_dim].
    TW_KV_F16 = 0,
    /// Bytes: keys [head_dim / 4][TW_KV_BLOCK][4], stored 128 above their value, then signed values
    /// [TW_KV_BLOCK / 4][head_dim][4], where head_dim is rounded up to a multiple of 16; then a scale (f32) for each
    /// token's key and for each token's value: x = scale * q.
    TW_KV_Q8 = 1,
} tw_kv_type;

/// Bytes that one KV head takes in a block; `head_dim` is a multiple of 8.
int64_t tw_kv_head_bytes(tw_kv_type type, int64_t head_dim);

/// Floats of scratch memory that attention needs for `lines` (KV heads times rows times group).
int64_t tw_attention_scratch(tw_kv_type type, int64_t head_dim, int64_t lines);

/// One attention job: query rows of one sequence slice against some neighbouring KV heads.
typedef struct {
    /// Query of (row r, KV head h, query head g of its group) at q + r * q_stride + (h * group + g) * head_dim; already
    /// rotated. `out` has the same layout with `out_stride`.
    const float *q;
    int64_t q_stride;
    float *out;
    int64_t out_stride;
    int64_t rows;
    /// Position of row 0; row r attends to positions 0...first_position + r.
    int64_t first_position;
    /// KV heads of the job.
    int64_t heads;
    /// Query heads that share a KV head.
    int64_t group;
    int64_t head_dim;
    /// The sequence's block table.
    const int32_t *blocks;
    /// How the cache stores keys and values.
    tw_kv_type kv_type;
    /// The first KV head of the job in block 0; (block b, KV head h) lies b * block_stride + h * head_stride bytes
    /// further. The address is a multiple of 4, so that all f32 in the cache are aligned.
    const uint8_t *cache;
    int64_t block_stride;
    int64_t head_stride;
    float scale;
    /// As many floats as `tw_attention_scratch` says.
    float *scratch;
} tw_attention;

/// Query rows that `attend_text` takes at a time.
#define TW_TEXT_ROWS 24

/// Attention of all tokens of one text to one another, for one head.
typedef struct {
    /// Query, key and value of token t at q + t * stride, k + t * stride and v + t * stride; `out` + t * out_stride.
    const float *q;
    const float *k;
    const float *v;
    int64_t stride;
    float *out;
    int64_t out_stride;
    /// At least 1.
    int64_t tokens;
    /// A multiple of TW_PANEL.
    int64_t head_dim;
    float scale;
    /// (2 * head_dim + TW_TEXT_ROWS) * t floats, t the tokens rounded up to a multiple of TW_PANEL and TW_PANEL more.
    float *scratch;
} tw_text_attention;

/// A set of kernels for one kind of processor.
typedef struct {
    const char *name;

    /// Quantises `columns` columns of `m` rows of width `k`, both multiples of 32, in blocks of 32: scale = max|x| /
    /// 127, round to nearest even. NaN counts as 0, and so do all values of a block whose values are at most 1e-36. `x`
    /// and `out` point to the first column.
    void (*quantise_rows)(const float *x, int64_t m, int64_t columns, int64_t k, tw_quantised_rows out);

    /// y[r][panel * 16 + j] (+)= x[r] . w[panel * 16 + j] for panels in [begin, end), 8-bit activations.
    /// `y` has room for whole panels in each row. Not for TW_FORMAT_F32.
    void (*gemm_quantised)(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k,
                           tw_quantised_rows x, int64_t m, float *y, int64_t y_stride, bool accumulate);

    /// `gemm_quantised` with f32 activations (row stride `k`) and any format. `scratch`: k * 16 floats.
    void (*gemm_f32)(tw_format format, const void *panels, int64_t begin, int64_t end, int64_t k, const float *x,
                     int64_t m, float *y, int64_t y_stride, bool accumulate, float *scratch);

    /// y[r] = x[r] / sqrt(mean(x[r]^2) + eps) * weight, row by row.
    void (*rms_norm)(const float *x, int64_t x_stride, const float *weight, float eps, int64_t m, int64_t k, float *y,
                     int64_t y_stride);

    /// Rotates `heads` vectors of `head_dim` in place. cosine/sine: `pairs` values for this position.
    /// interleaved: pairs are (2i, 2i+1); otherwise (i, i + pairs).
    void (*rope)(float *x, int64_t heads, int64_t head_dim, const float *cosine, const float *sine, int64_t pairs,
                 bool interleaved);

    /// gate[r][i] = silu(gate[r][i]) * up[r][i].
    void (*silu_multiply)(float *gate, const float *up, int64_t m, int64_t k, int64_t stride);

    /// y[i] += x[i].
    void (*add)(float *y, const float *x, int64_t count);

    /// Writes one token's key and value into slot `slot` of a KV head in a block. Bytes are rounded to nearest even
    /// from scale = max|x| / 127; NaN counts as 0, and so do all values of a token whose values are at most 1e-36.
    void (*store_kv)(tw_kv_type type, const float *key, const float *value, int64_t head_dim, int64_t slot,
                     uint8_t *head);

    /// Softmax attention over a sequence's blocks, block by block in order (online softmax). Where keys and values are
    /// bytes, a query is rounded to bytes like a key. The weights of a block, times the scales of its values, are
    /// rounded to 0...254: 254 is the largest of these scales at the block's highest score.
    void (*attend)(const tw_attention *job);

    /// The index of the highest value, the first of equals; `value` receives the value. NaN never wins. -1 if no value
    /// is a number.
    int64_t (*argmax)(const float *x, int64_t count, float *value);

    /// y[i] = exp((x[i] - shift) * scale), NaN counts as 0; returns the sum in 8 lanes, in a fixed order.
    double (*exp_sum)(const float *x, int64_t count, float shift, float scale, float *y);

    /// y[r] = (x[r] - mean) / sqrt(mean of (x[r] - mean)^2 + eps) * weight + bias, row by row. `y` may be `x`.
    void (*layer_norm)(const float *x, int64_t x_stride, const float *weight, const float *bias, float eps, int64_t m,
                       int64_t k, float *y, int64_t y_stride);

    /// x[r][i] = v * (1 + erf(v / sqrt(2))) / 2 with v = x[r][i] + bias[i]; `k` is a multiple of 8. The error function
    /// is within 1e-6.
    void (*gelu)(float *x, const float *bias, int64_t m, int64_t k, int64_t stride);

    /// x[r][i] += bias[i].
    void (*add_bias)(float *x, const float *bias, int64_t m, int64_t k, int64_t stride);

    /// out = softmax(q k^T * scale) v over all tokens of a text. `scale` is above 0.
    void (*attend_text)(const tw_text_attention *job);
} tw_kernels;

/// The portable kernels.
const tw_kernels *tw_kernels_portable(void);
/// The fastest kernels that this processor runs.
const tw_kernels *tw_kernels_best(void);
/// The sets that this processor runs, the fastest last: `index` counts from 0; NULL past the end.
const tw_kernels *tw_kernels_at(int64_t index);

/// Tensor types of model files that can be packed; the numbers are those of GGUF.
typedef enum {
    TW_TYPE_F32 = 0,
    TW_TYPE_F16 = 1,
    TW_TYPE_Q4_0 = 2,
    TW_TYPE_Q4_1 = 3,
    TW_TYPE_Q5_0 = 6,
    TW_TYPE_Q5_1 = 7,
    TW_TYPE_Q8_0 = 8,
    TW_TYPE_Q4_K = 12,
    TW_TYPE_Q5_K = 13,
    TW_TYPE_Q6_K = 14,
    TW_TYPE_BF16 = 30,
} tw_type;

/// Finds the packed format that keeps a type's values unchanged. Returns false if the type is unknown.
bool tw_format_for_type(tw_type type, tw_format *format);

/// Packs panels [begin, end) of a matrix [n, k] of `type` whose rows are `row_bytes` apart. Rows past n become zero.
void tw_pack(tw_type type, const void *rows, int64_t row_bytes, int64_t n, int64_t k, int64_t begin, int64_t end,
             void *panels);

/// Packs panels [begin, end) of a matrix [n, k] of f32 as TW_FORMAT_S8, rounded to 8 bits in blocks of 32 columns:
/// scale = max|w| / 127, round to nearest. `k` is a multiple of 32. Rows past n become zero; NaN counts as 0.
void tw_pack_rounded(const float *rows, int64_t n, int64_t k, int64_t begin, int64_t end, void *panels);

/// Reads row `row` of a packed matrix back as f32.
void tw_unpack_row(tw_format format, const void *panels, int64_t k, int64_t row, float *out);

/// IEEE half precision to single, and back with round to nearest even.
float tw_half_to_float(uint16_t h);
uint16_t tw_float_to_half(float f);

#ifdef __cplusplus
}
#endif

#include "Ceilings.h"
#endif
