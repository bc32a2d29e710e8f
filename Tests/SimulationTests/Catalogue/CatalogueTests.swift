import Simulation
import Testing

@Suite struct CatalogueTests {
    @Test func theStandardCatalogueHasWhatPeopleAskFor() throws {
        let standard = Catalogue.standard
        for name in [
            "L20", "L40S", "A10", "A100-40G-PCIe", "A100-80G-PCIe", "A100-40G-SXM", "A100-80G-SXM", "A800-80G-PCIe",
            "H100-PCIe", "H100-SXM", "H200", "RTX-4090", "Jetson-AGX-Orin-64G", "Jetson-Orin-NX-16G",
            "Jetson-Orin-Nano-8G", "M1-Max", "M2-Ultra", "M3-Max", "M4-Max", "CPU-2-core",
        ] {
            let device = try standard.device(named: name)
            #expect(device.memoryBytes >= 7000 << 20 && device.source != "", "\(name)")
        }
        for name in [
            "pcie3", "pcie4", "pcie5", "nvlink3", "nvlink4", "1gbe", "10gbe", "25gbe", "100gbe", "ib-hdr", "ib-ndr",
        ] {
            #expect(try standard.link(named: name).bytesPerSecond > 1e8)
        }
        #expect(standard.models.count >= 13)
        #expect(try standard.device(named: "l20") == standard.device(named: "L20"))
    }

    @Test func parametersAreThePublishedOnes() throws {
        // Billions, as the model cards round them.
        let published: [(String, Double)] = [
            ("Llama-2-7B", 6.74), ("Llama-2-13B", 13.02), ("Llama-2-70B", 68.98), ("Llama-3-8B", 8.03),
            ("Llama-3-70B", 70.55), ("Qwen2.5-7B", 7.62), ("Qwen2.5-14B", 14.77), ("Qwen2.5-32B", 32.76),
            ("Qwen2.5-72B", 72.71), ("SmolLM2-135M", 0.1345), ("SmolLM2-360M", 0.3618), ("SmolLM2-1.7B", 1.711),
            ("Mistral-7B", 7.24),
        ]
        for (name, billions) in published {
            let parameters = Double(try Catalogue.standard.model(named: name).parameters) / 1e9
            #expect(abs(parameters - billions) / billions < 0.002, "\(name): \(parameters)")
        }
    }

    @Test func aLineIsReadFieldByField() throws {
        let catalogue = try TinyCatalogue.catalogue()
        let chip = try catalogue.device(named: "CHIP")
        #expect(chip.memoryBytes == 1 << 20 && chip.bytesPerSecond == 1e6 && chip.operationsPerSecond == 1e6)
        #expect(chip.units == 4 && chip.curve.tileRows == 8 && chip.curve.tileColumns == 4)
        #expect(try catalogue.link(named: "slow").source == "1,000 bytes/s after 1 s")
        #expect(try catalogue.link(named: "hub").isShared && !catalogue.link(named: "slow").isShared)
        #expect(try catalogue.link(named: "half").bytesPerSecond == 1000)
        let doll = try catalogue.model(named: "doll")
        #expect(doll.headSize == 4 && doll.isGated && !doll.tiesEmbedding)
        // 8 columns to 2 x 4 queries, 4 + 4 keys and values, back; 3 x 8 x 16.
        #expect(doll.layerParameters == 8 * 16 + 8 * 8 + 3 * 8 * 16)
        #expect(doll.parameters == 4 * doll.layerParameters + 2 * 32 * 8)
    }

    @Test func aUsersTextAddsAndOverrides() throws {
        let mine = try Catalogue.standard.adding(
            """
            # my machines
            device L20 memory_mib=100 gb_s=1 tflops=1 units=2 curve=ada link=mine source=mine
            link mine gb_s=1 latency_us=2 source=mine

            curve hopper bandwidth=0.5 arithmetic=0.5 attention=0.5 overlap=2 tile=64x64 launch_us=1 source=mine
            """)
        #expect(try mine.device(named: "L20").memoryBytes == 100 << 20)
        #expect(try mine.device(named: "L20").link.latencySeconds == 2e-6)
        #expect(try mine.device(named: "H200").curve.tileRows == 64)
        #expect(mine.devices.count == Catalogue.standard.devices.count)
        #expect(try mine.device(named: "A10") == Catalogue.standard.device(named: "A10"))
    }

    @Test(arguments: [
        ("gadget x source=y", "line 1: 'gadget' is no kind"),
        ("\n# c\nlink", "line 3: the link has no name"),
        ("link a gb_s=1 latency_us=1", "line 1: link 'a' has no source"),
        ("link a gb_s=1 latency_us=1 source= ", "line 1: link 'a' has no source"),
        ("link a gb_s latency_us=1 source=s", "'gb_s' of link 'a' is not of the form"),
        ("link a gb_s=1 gb_s=2 latency_us=1 source=s", "link 'a' has the field gb_s twice"),
        ("link a latency_us=1 source=s", "line 1: link 'a': there is no field gb_s"),
        ("link a gb_s=1 latency_us=1 speed=3 source=s", "line 1: link 'a': field speed is not known"),
        ("link a gb_s=fast latency_us=1 source=s", "line 1: link 'a': field gb_s is 'fast'"),
        ("link a gb_s=nan latency_us=1 source=s", "field gb_s is 'nan'"),
        ("link a gb_s=inf latency_us=1 source=s", "field gb_s is 'inf'"),
        ("link a gb_s=0 latency_us=1 source=s", "field gb_s is '0'"),
        ("link a gb_s=1 latency_us=-1 source=s", "field latency_us is '-1'"),
        ("link a gb_s=1 latency_us=1 shared=maybe source=s", "field shared is 'maybe'; yes or no"),
        (
            "link a gb_s=1 latency_us=1 source=s\nlink A gb_s=1 latency_us=1 source=s",
            "line 2: link 'A' stands in line 1"
        ),
        (
            "curve c bandwidth=1 arithmetic=1 attention=1 overlap=1 tile=8 launch_us=0 source=s",
            "field tile is '8'; ROWSxCOLUMNS"
        ),
        ("device d memory_mib=1 gb_s=1 tflops=1 units=1 curve=q link=pcie4 source=s", "field curve is 'q'"),
        ("device d memory_mib=1.5 gb_s=1 tflops=1 units=1 curve=ada link=pcie4 source=s", "field memory_mib is '1.5'"),
        (
            "device d memory_mib=99999999999999999999 gb_s=1 tflops=1 units=1 curve=ada link=pcie4 source=s",
            "memory_mib"
        ),
        (
            "model m layers=1 hidden=9 ffn=1 heads=2 kv_heads=1 vocabulary=1 context=1 source=s",
            "line 1: model 'm': m has 9 hidden columns and 2 heads"
        ),
        (
            "model m layers=1 hidden=6 ffn=1 heads=3 kv_heads=2 vocabulary=1 context=1 source=s",
            "3 heads and 2 key and value heads"
        ),
        (
            "model m layers=5000 hidden=6 ffn=1 heads=3 kv_heads=1 vocabulary=1 context=1 source=s",
            "5000 layers; 1...4096"
        ),
    ])
    func anErrorNamesLineAndField(text: String, message: String) throws {
        let error = #expect(throws: SimulationError.self) { try Catalogue.standard.adding(text) }
        #expect(error?.code == .malformedText)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func anUnknownNameIsAnsweredWithTheKnownOnes() throws {
        let error = #expect(throws: SimulationError.self) { try Catalogue.standard.device(named: "L21") }
        #expect(error?.code == .unknownName && error?.message.contains("'L21'") == true)
        #expect(error?.message.contains("A100-80G-PCIe") == true)
        #expect(throws: SimulationError.self) { try Catalogue.standard.model(named: "") }
        #expect(throws: SimulationError.self) { try Catalogue.standard.link(named: "string") }
    }

    @Test func formatsAreFoundByName() throws {
        #expect(try WeightFormat.named("FP16").bytesPerWeight == 2)
        #expect(try WeightFormat.named("q4_1").bytesPerWeight == 0.625)
        // A Q6_K block holds 256 weights in 210 bytes, Q4_K in 144, Q5_K in 176, a Q8_0 block 32 in 34.
        #expect(WeightFormat.q6K.bytesPerWeight == 210 / 256.0 && WeightFormat.q4K.bytesPerWeight == 144 / 256.0)
        #expect(WeightFormat.q5K.bytesPerWeight == 176 / 256.0 && WeightFormat.q80.bytesPerWeight == 34 / 32.0)
        let error = #expect(throws: SimulationError.self) { try WeightFormat.named("fp12") }
        #expect(error?.code == .unknownName && error?.message.contains("fp16") == true)
    }
}
