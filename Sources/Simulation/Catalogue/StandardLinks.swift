extension Catalogue {
    /// Links of the standard catalogue: bytes a second in each direction according to the standard, and the share that
    /// transfers reach.
    static let standardLinks = """
        link pcie3 gb_s=15.75 share=0.76 latency_us=5.7 source=PCI-SIG, 16 lanes; share: PCI_BW of NCCL's topology \
            model (12 of 15.75); latency: ring step in NCCL's tuning model
        link pcie4 gb_s=31.5 share=0.76 latency_us=5.7 source=PCI-SIG, 16 lanes; share and latency as pcie3
        link pcie5 gb_s=63 share=0.76 latency_us=5.7 source=PCI-SIG, 16 lanes; share and latency as pcie3
        link pcie3-shared gb_s=15.75 share=0.76 latency_us=5.7 shared=yes source=pcie3 with all devices of a host \
            behind one uplink
        link pcie4-shared gb_s=31.5 share=0.76 latency_us=5.7 shared=yes source=pcie4 with all devices of a host \
            behind one uplink
        link pcie5-shared gb_s=63 share=0.76 latency_us=5.7 shared=yes source=pcie5 with all devices of a host \
            behind one uplink
        link nvlink3 gb_s=300 share=0.8 latency_us=3.4 source=NVIDIA A100 data sheet, 600 GB/s both ways; share: \
            NVLINK_BW of NCCL's topology model; latency: ring step in NCCL's tuning model (20 of 25)
        link nvlink3-a800 gb_s=200 share=0.8 latency_us=3.4 source=A800: 400 GB/s both ways (unconfirmed); the rest \
            as nvlink3
        link nvlink4 gb_s=450 share=0.82 latency_us=3.4 source=NVIDIA H100 data sheet, 900 GB/s both ways; share: \
            NVLINK_BW of NCCL's topology model; latency: ring step in NCCL's tuning model (20.6 of 25)
        link 1gbe gb_s=0.125 share=0.94 latency_us=50 source=IEEE 802.3; share: TCP over frames of 1,500 bytes; \
            latency assumed
        link 10gbe gb_s=1.25 share=0.94 latency_us=30 source=IEEE 802.3; share: TCP over frames of 1,500 bytes; \
            latency assumed
        link 25gbe gb_s=3.125 share=0.94 latency_us=20 source=IEEE 802.3; share: TCP over frames of 1,500 bytes; \
            latency assumed
        link 100gbe gb_s=12.5 share=0.94 latency_us=20 source=IEEE 802.3; share: TCP over frames of 1,500 bytes; \
            latency assumed
        link ib-hdr gb_s=25 share=0.96 latency_us=9.6 source=InfiniBand HDR, 200 Gb/s; share: NET_BW of NCCL's \
            topology model (12 of 12.5); latency: its tuning model
        link ib-ndr gb_s=50 share=0.96 latency_us=9.6 source=InfiniBand NDR, 400 Gb/s; share and latency as ib-hdr
        link unified gb_s=10 latency_us=5 source=memory of one host, between processes; assumed
        """
}
