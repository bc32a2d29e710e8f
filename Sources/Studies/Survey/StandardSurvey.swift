/// The settings of a survey for which none are named: devices from two CPU cores to eight GPUs, links from NVLink to a
/// shared PCIe root, few requests and many, prompts shorter and longer than answers. Chosen for variety, before any of them
/// was run.
package enum StandardSurvey {
    /// In the form that `SurveyReader` reads.
    package static let text = """
        # cluster model workload requests seed [key=value]...
        # Cards of 48 GB on PCIe 4.
        2xL20 Llama-2-13B sharegpt 1000 0
        2xL20 Qwen2.5-14B alpaca 2000 0
        4xL20 Llama-2-13B sharegpt 64 0
        4xL20 Llama-2-13B sharegpt 1000 0
        4xL20 Llama-2-13B sharegpt 5000 0
        4xL20 Qwen2.5-32B alpaca 2000 0
        4xL20 Qwen2.5-32B longbench 300 0
        4xL20 Llama-3-70B sharegpt 1000 0 weights=fp8
        8xL20 Qwen2.5-32B sharegpt 100 0
        8xL20 Llama-2-13B sharegpt 5000 0
        8xL20 Llama-2-70B sharegpt 2000 0
        8xL20 Qwen2.5-72B longbench 300 0
        # The same cards behind one uplink.
        4xL20@pcie4-shared Llama-2-13B sharegpt 64 0
        4xL20@pcie4-shared Llama-2-13B sharegpt 1000 0
        4xL20@pcie4-shared Qwen2.5-32B longbench 300 0
        # Cards of 80 GB, on PCIe 4 and on NVLink.
        2xA100-80G-PCIe Qwen2.5-32B sharegpt 1000 0
        4xA100-80G-PCIe Llama-2-70B sharegpt 5000 0
        4xA100-80G-PCIe Qwen2.5-72B longbench 300 0
        4xA100-80G-SXM Llama-2-70B sharegpt 1000 0
        4xA100-80G-SXM Llama-3-8B alpaca 5000 0
        # Cards of 24 GB.
        2xRTX-4090 Llama-3-8B sharegpt 1000 0
        4xRTX-4090 Qwen2.5-14B alpaca 100 0
        4xRTX-4090 Qwen2.5-32B sharegpt 1000 0 weights=int8
        # Processors.
        2xCPU-2-core SmolLM2-135M sharegpt 256 0
        4xCPU-2-core SmolLM2-1.7B alpaca 64 0 weights=q4_0

        """
}
