import Simulation

/// A catalogue of figures that make times easy to work out by hand.
enum TinyCatalogue {
    /// Half of 1 MB/s and half of 1 M operations/s (a quarter in attention), on 4 units, tiles of 8 x 4; arithmetic and
    /// traffic do not overlap at all.
    static let text = """
        curve plain bandwidth=0.5 arithmetic=0.5 attention=0.25 overlap=1 tile=8x4 launch_us=0 source=made up
        link slow gb_s=0.000001 latency_us=1000000 source=1,000 bytes/s after 1 s
        link hub gb_s=0.000001 latency_us=1000000 shared=yes source=slow, for all of a host
        link half gb_s=0.000002 share=0.5 latency_us=1000000 source=as slow
        device chip memory_mib=1 gb_s=0.001 tflops=0.000001 units=4 curve=plain link=slow source=made up
        model doll layers=4 hidden=8 ffn=16 heads=2 kv_heads=1 vocabulary=32 context=64 source=made up
        """

    static func catalogue() throws -> Catalogue { try Catalogue(text: text) }

    /// `chip` with some fields of its curve put in place of those above.
    static func chip(overlap: Double = 1, launchMicroseconds: Int = 0) throws -> Hardware {
        try catalogue().adding(
            """
            curve plain bandwidth=0.5 arithmetic=0.5 attention=0.25 overlap=\(overlap) tile=8x4 \
            launch_us=\(launchMicroseconds) source=made up
            """
        ).device(named: "chip")
    }
}

/// Whether two times agree but for rounding.
func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }
