#include "kv_layout.h"

int64_t tw_kv_head_bytes(tw_kv_type type, int64_t head_dim) {
    const int64_t scales = type == TW_KV_F16 ? 0 : 2 * TW_KV_BLOCK * (int64_t)sizeof(float);
    return 2 * kv_part_bytes(type, head_dim) + scales;
}

int64_t tw_attention_scratch(tw_kv_type type, int64_t head_dim, int64_t lines) {
    if (type == TW_KV_F16) return 2 * TW_KV_BLOCK * head_dim + lines * STATE_FLOATS;
    return lines * (STATE_FLOATS + TW_KV_BLOCK + head_dim / (int64_t)sizeof(float));
}
