extension Catalogue {
    /// Models of the standard catalogue.
    static let standardModels = """
        model Llama-2-7B layers=32 hidden=4096 ffn=11008 heads=32 kv_heads=32 vocabulary=32000 context=4096 \
            source=config.json on Hugging Face
        model Llama-2-13B layers=40 hidden=5120 ffn=13824 heads=40 kv_heads=40 vocabulary=32000 context=4096 \
            source=config.json on Hugging Face
        model Llama-2-70B layers=80 hidden=8192 ffn=28672 heads=64 kv_heads=8 vocabulary=32000 context=4096 \
            source=config.json on Hugging Face
        model Llama-3-8B layers=32 hidden=4096 ffn=14336 heads=32 kv_heads=8 vocabulary=128256 context=8192 \
            source=config.json on Hugging Face
        model Llama-3-70B layers=80 hidden=8192 ffn=28672 heads=64 kv_heads=8 vocabulary=128256 context=8192 \
            source=config.json on Hugging Face
        model Qwen2.5-7B layers=28 hidden=3584 ffn=18944 heads=28 kv_heads=4 vocabulary=152064 context=32768 \
            source=config.json on Hugging Face (Instruct)
        model Qwen2.5-14B layers=48 hidden=5120 ffn=13824 heads=40 kv_heads=8 vocabulary=152064 context=32768 \
            source=config.json on Hugging Face (Instruct)
        model Qwen2.5-32B layers=64 hidden=5120 ffn=27648 heads=40 kv_heads=8 vocabulary=152064 context=32768 \
            source=config.json on Hugging Face (Instruct)
        model Qwen2.5-72B layers=80 hidden=8192 ffn=29568 heads=64 kv_heads=8 vocabulary=152064 context=32768 \
            source=config.json on Hugging Face (Instruct)
        model SmolLM2-135M layers=30 hidden=576 ffn=1536 heads=9 kv_heads=3 vocabulary=49152 context=8192 tied=yes \
            source=config.json on Hugging Face
        model SmolLM2-360M layers=32 hidden=960 ffn=2560 heads=15 kv_heads=5 vocabulary=49152 context=8192 tied=yes \
            source=config.json on Hugging Face
        model SmolLM2-1.7B layers=24 hidden=2048 ffn=8192 heads=32 kv_heads=32 vocabulary=49152 context=8192 \
            tied=yes source=config.json on Hugging Face
        model Mistral-7B layers=32 hidden=4096 ffn=14336 heads=32 kv_heads=8 vocabulary=32000 context=32768 \
            source=config.json on Hugging Face (v0.2)
        model OPT-125M layers=12 hidden=768 ffn=3072 heads=12 kv_heads=12 vocabulary=50272 context=2048 tied=yes \
            gated=no source=config.json on Hugging Face
        """
}
