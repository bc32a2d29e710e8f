extension Catalogue {
    /// Curves of the standard catalogue. Only `ada` was fitted to step times of whole models; docs/SIMULATION.md has
    /// the errors of the fit.
    static let standardCurves = """
        curve ada bandwidth=0.78 arithmetic=0.92 attention=0.5 overlap=3 tile=128x64 launch_us=230 source=fitted to \
            the step times of one L20 that TD-Pipe released (Llama-2-13B, Qwen2.5-32B; launches, without graphs: \
            OPT-125M); attention assumed
        curve a100-pcie bandwidth=0.78 arithmetic=0.811 attention=0.5 overlap=3 tile=128x64 launch_us=230 \
            source=arithmetic: MAMF table of S. Bekman's ML Engineering (252.9 of 312 TFLOPS); the rest as ada
        curve a100-sxm bandwidth=0.78 arithmetic=0.869 attention=0.5 overlap=3 tile=128x64 launch_us=230 \
            source=arithmetic: MAMF table of S. Bekman's ML Engineering (271.2 of 312 TFLOPS); the rest as ada
        curve hopper bandwidth=0.78 arithmetic=0.803 attention=0.5 overlap=3 tile=128x64 launch_us=230 \
            source=arithmetic: MAMF table of S. Bekman's ML Engineering (794.5 of 989 TFLOPS; H200 the same); the rest \
            as ada
        curve metal bandwidth=0.8 arithmetic=0.7 attention=0.4 overlap=3 tile=32x32 launch_us=50 source=assumed; \
            nothing was measured
        curve cpu bandwidth=0.8 arithmetic=0.55 attention=0.1 overlap=3 tile=8x16 launch_us=0 source=assumed: of the \
            order of this engine's own kernels; tideway profile measures a machine
        """
}
