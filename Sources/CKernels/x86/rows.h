// What the kernels for x86-64 processors share besides the floating-point kernels. The including file has set its
// target.
#ifndef TW_X86_ROWS_H
#define TW_X86_ROWS_H

#include <immintrin.h>

#include "CKernels.h"
#include "../generic/lanes.h"

TW_INLINE v8 load_half(const uint16_t *p) { return (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
TW_INLINE void store_half(uint16_t *p, v8 x) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph((__m256)x, _MM_FROUND_TO_NEAREST_INT));
}
#define TW_LOAD_HALF load_half
#define TW_STORE_HALF store_half
#include "../generic/packed_products.h"

TW_INLINE int32_t sum_of(__m256i x) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

TW_INLINE void quantise_block(const float *x, tw_quantised_rows out) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // undoes the packs' interleaving of halves
    __m256 v[4];
    __m256 high = _mm256_setzero_ps();
    for (int i = 0; i < 4; i++) {
        v[i] = _mm256_loadu_ps(x + 8 * i);
        high = _mm256_max_ps(_mm256_andnot_ps(sign, v[i]), high);
    }
    const float highest = v8_highest((v8)high);
    const float inverse = highest > TW_NEGLIGIBLE ? 127.0f / highest : 0;
    __m256i n[4];
    for (int i = 0; i < 4; i++) {
        const __m256 t = _mm256_mul_ps(v[i], _mm256_set1_ps(inverse));
        n[i] = _mm256_cvtps_epi32(_mm256_and_ps(t, _mm256_cmp_ps(t, t, _CMP_ORD_Q)));  // NaN counts as 0
    }
    const __m256i low = _mm256_packs_epi32(n[0], n[1]), up = _mm256_packs_epi32(n[2], n[3]);
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, up), order);
    _mm256_storeu_si256((__m256i *)out.q, bytes);
    const int32_t first = sum_of(_mm256_add_epi32(n[0], n[1])), second = sum_of(_mm256_add_epi32(n[2], n[3]));
    *out.scale = highest / 127.0f;
    *out.scaled_sum = *out.scale * (float)(first + second);
    out.offset[0] = -128 * first;
    out.offset[1] = -128 * second;
}

// The part of the next panel that a tile prefetches: from `at` to `until`, which moves on by `step` bytes at each block
// of the tile.
typedef struct {
    const uint8_t *at, *until;
    uint32_t step;
} fetch_plan;

TW_INLINE void fetch_ahead(fetch_plan *fetch) {
    fetch->until += fetch->step;
    for (; fetch->at < fetch->until; fetch->at += 64) TW_FETCH(fetch->at);
}

// How some rows are cut into tiles of at most `most` rows: as few tiles as possible, of even size.
typedef struct {
    uint32_t count, rows, higher;  // the first `higher` have a row more
    uint32_t step;
} tile_plan;

// With few rows a chunk is read once, and the hardware prefetcher runs further ahead than a plan would. With more rows
// a block takes so long that the hardware prefetcher does not look past its end, so tiles prefetch the next panel.
TW_INLINE tile_plan plan_tiles(const tw_format format, panel_chunk chunk, int64_t rows, const uint32_t most) {
    const uint32_t all = (uint32_t)rows, count = (all + most - 1) / most, blocks = (uint32_t)chunk.blocks;
    const uint32_t bytes = (uint32_t)bytes_of_blocks(format, chunk.blocks);
    return (tile_plan){count, all / count, all % count, all > 4 ? bytes / (count * blocks) : 0};
}

#endif
