extension Catalogue {
    /// Devices of the standard catalogue: dense 16-bit rates, and memory as the driver reports it.
    ///
    /// "unconfirmed" marks figures that were written down from memory and not found in a public document.
    static let standardDevices = """
        device L20 memory_mib=46068 gb_s=864 tflops=119.5 units=92 curve=ada link=pcie4 source=NVIDIA L20 data \
            sheet; memory: as L40S (unconfirmed)
        device L40S memory_mib=46068 gb_s=864 tflops=362 units=142 curve=ada link=pcie4 source=NVIDIA L40S data \
            sheet; memory: nvidia-smi
        device A10 memory_mib=23028 gb_s=600 tflops=125 units=72 curve=ada link=pcie4 source=NVIDIA A10 data sheet; \
            memory: nvidia-smi; a card of 150 W, which may not keep up the ada curve
        device RTX-4090 memory_mib=24564 gb_s=1008 tflops=165.2 units=128 curve=ada link=pcie4 source=NVIDIA Ada \
            white paper (sums in 32 bits); memory: nvidia-smi (unconfirmed)
        device A100-40G-PCIe memory_mib=40960 gb_s=1555 tflops=312 units=108 curve=a100-pcie link=pcie4 \
            source=NVIDIA A100 data sheet; memory: nvidia-smi
        device A100-80G-PCIe memory_mib=81920 gb_s=1935 tflops=312 units=108 curve=a100-pcie link=pcie4 \
            source=NVIDIA A100 data sheet; memory: nvidia-smi
        device A100-40G-SXM memory_mib=40960 gb_s=1555 tflops=312 units=108 curve=a100-sxm link=nvlink3 \
            source=NVIDIA A100 data sheet; memory: nvidia-smi
        device A100-80G-SXM memory_mib=81920 gb_s=2039 tflops=312 units=108 curve=a100-sxm link=nvlink3 \
            source=NVIDIA A100 data sheet; memory: nvidia-smi
        device A800-80G-PCIe memory_mib=81920 gb_s=1935 tflops=312 units=108 curve=a100-pcie link=pcie4 source=as \
            A100-80G-PCIe (unconfirmed)
        device A800-80G-SXM memory_mib=81920 gb_s=2039 tflops=312 units=108 curve=a100-sxm link=nvlink3-a800 \
            source=as A100-80G-SXM with the slower NVLink (unconfirmed)
        device H100-PCIe memory_mib=81559 gb_s=2000 tflops=756 units=114 curve=hopper link=pcie5 source=NVIDIA H100 \
            data sheet; memory: nvidia-smi; units unconfirmed
        device H100-SXM memory_mib=81559 gb_s=3350 tflops=989.4 units=132 curve=hopper link=nvlink4 source=NVIDIA \
            H100 data sheet; memory: nvidia-smi
        device H200 memory_mib=143771 gb_s=4800 tflops=989.4 units=132 curve=hopper link=nvlink4 source=NVIDIA H200 \
            data sheet; memory: nvidia-smi (unconfirmed)
        device Jetson-AGX-Orin-64G memory_mib=62800 gb_s=204.8 tflops=42.5 units=16 curve=ada link=10gbe \
            source=Jetson data sheet; tflops: half of its GPU's dense 85 TOPS (unconfirmed); memory less the system's, \
            assumed
        device Jetson-Orin-NX-16G memory_mib=15600 gb_s=102.4 tflops=15 units=8 curve=ada link=1gbe source=Jetson \
            data sheet; tflops: half of its GPU's dense 30 TOPS (unconfirmed); memory less the system's, assumed
        device Jetson-Orin-Nano-8G memory_mib=7600 gb_s=68 tflops=10 units=8 curve=ada link=1gbe source=Jetson data \
            sheet; tflops: a quarter of 40 sparse TOPS (8 bits); memory less the system's, assumed
        device M1-Max memory_mib=65536 gb_s=400 tflops=10.4 units=32 curve=metal link=10gbe source=Apple; tflops: \
            the rate of 32 bits, which matrix products reach in 16 bits too (assumed)
        device M1-Ultra memory_mib=131072 gb_s=800 tflops=20.8 units=64 curve=metal link=10gbe source=Apple; tflops \
            as M1-Max
        device M2-Max memory_mib=98304 gb_s=400 tflops=13.6 units=38 curve=metal link=10gbe source=Apple; tflops as \
            M1-Max (unconfirmed)
        device M2-Ultra memory_mib=196608 gb_s=800 tflops=27.2 units=76 curve=metal link=10gbe source=Apple; tflops \
            as M1-Max (unconfirmed)
        device M3-Max memory_mib=131072 gb_s=400 tflops=14.2 units=40 curve=metal link=10gbe source=Apple; tflops \
            not published, unconfirmed
        device M3-Ultra memory_mib=524288 gb_s=819 tflops=28.4 units=80 curve=metal link=10gbe source=Apple; tflops \
            not published, twice M3-Max, unconfirmed
        device M4-Max memory_mib=131072 gb_s=546 tflops=17 units=40 curve=metal link=10gbe source=Apple; tflops: \
            half of the 34 given for 16 bits by third parties, unconfirmed
        device CPU-2-core memory_mib=16384 gb_s=37 tflops=0.37 units=2 curve=cpu link=unified source=two AVX2 cores; \
            operations: the 8-bit ceiling of a register loop (185 GOP/s a core); bandwidth: read by both
        """
}
