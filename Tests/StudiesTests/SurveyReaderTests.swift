import Simulation
import Studies
import Testing

@Suite struct SurveyReaderTests {
    private let reader = SurveyReader()

    @Test func aLineIsASetting() throws {
        let settings = try reader.settings(
            of: """
                # cluster model workload requests seed
                4xL20 Llama-2-13B sharegpt 1000 3

                  2xA100-80G-PCIe\tqwen2.5-32b  longbench 20 0 rate=2 weights=fp8  # slow
                2xL20 Llama-2-13B alpaca 5 0 rate=4 arrivals=gamma:1:3\r
                """)
        #expect(settings.count == 3)
        #expect(settings[0].settings.cluster.name == "4xL20" && settings[0].settings.model.name == "Llama-2-13B")
        #expect(settings[0].settings.requests == 1000 && settings[0].settings.seed == 3)
        #expect(settings[0].workload.name == "sharegpt" && settings[0].extras.isEmpty)
        #expect(settings[1].settings.model.name == "Qwen2.5-32B" && settings[1].settings.formats.weights == .fp8)
        #expect(settings[1].settings.arrivals.text == "poisson:2.0")
        #expect(settings[1].extras.map(\.key) == ["rate", "weights"])
        #expect(settings[1].extras.map(\.value) == ["2", "fp8"])
        // The rate is that of the process, though it stands before it.
        #expect(settings[2].settings.arrivals.text == "gamma:4.0:3.0")
    }

    @Test(arguments: [
        ("\n4xL21 Llama-2-13B sharegpt 10 0", "line 2, column 1", "L40S"),
        ("4xL20  Llama sharegpt 10 0", "line 1, column 8", "Llama-2-7B"),
        ("4xL20 Llama-2-13B novels 10 0", "line 1, column 19", "longbench"),
        ("4xL20 Llama-2-13B alpaca 0 0", "line 1, column 26", "1...10000000"),
        ("4xL20 Llama-2-13B alpaca 10 x", "line 1, column 29", "seed is 'x'"),
        ("4xL20 Llama-2-13B alpaca", "line 1, column 25", "3 of the 5 fields"),
        ("4xL20 Llama-2-13B alpaca # 10 0", "line 1, column 32", "3 of the 5 fields"),
        ("4xL20 Llama-2-13B alpaca 10 0 fast", "line 1, column 31", "key=value"),
        ("4xL20 Llama-2-13B alpaca 10 0 rate=", "line 1, column 31", "key=value"),
        ("4xL20 Llama-2-13B alpaca 10 0 a=1", "line 1, column 31", "prefill-chunk"),
        ("4xL20 Llama-2-13B alpaca 10 0 rate=0", "line 1, column 31", "1e-06"),
        ("4xL20 Llama-2-13B alpaca 10 0 seed=1", "line 1, column 31", "field 5"),
        ("4xL20 Llama-2-13B alpaca 10 0 rate=1 rate=2", "line 1, column 38", "twice"),
        ("4xL20 Llama-2-13B alpaca 10 0\n 4xL20 llama-2-13b alpaca 10 0", "line 2, column 2", "line 1"),
        ("# nothing\n", "there are no settings", "cluster model workload requests seed"),
    ])
    func errorsNameTheirPlace(text: String, place: String, word: String) throws {
        let error = #expect(throws: SimulationError.self) { try reader.settings(of: text) }
        #expect(error?.message.hasPrefix(place) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test func filesAreReadByTheirNamesOnce() throws {
        struct Missing: Error, CustomStringConvertible { let description = "there is no such file" }
        var names: [String] = []
        let shape = try Catalogue.standard.model(named: "Llama-2-7B")
        let reader = SurveyReader(
            model: { _ in (shape, .q4K) },
            workload: { name in
                names.append(name)
                guard name == "a.csv" else { throw Missing() }
                return try StudyWorkload(name: name, csv: "prompt_tokens,output_tokens\n3,4\n")
            })
        let settings = try reader.settings(of: "L20 m.gguf a.csv 1 0\nL20 m.gguf a.csv 2 0 weights=fp16\n")
        #expect(names == ["a.csv"])
        #expect(settings.map(\.settings.formats.weights.name) == ["q4_k", "fp16"])
        let error = #expect(throws: SimulationError.self) { try reader.settings(of: "L20 m.gguf b.csv 1 0") }
        #expect(error?.message == "line 1, column 12: there is no such file")
    }

    @Test func aDefaultIsForLinesThatDoNotSayOtherwise() throws {
        let settings = try reader.settings(
            of: "L20 Llama-2-7B alpaca 1 0\nL20 Llama-2-7B alpaca 1 0 predictor=constant:9\n")
        let changed = try settings.map { try $0.with(default: "constant:5", for: "predictor") }
        var five = settings[0].settings
        try five.set("predictor", to: "constant:5")
        #expect(changed[0].settings == five && changed[0].settings != settings[0].settings)
        #expect(changed[1] == settings[1])
        #expect(throws: SimulationError.self) { try settings[0].with(default: "magic", for: "predictor") }
    }

    /// What is built in is varied, and each setting can run as a pipeline and with tensor parallelism.
    @Test func theBuiltInSettingsFit() throws {
        let settings = try reader.settings(of: StandardSurvey.text)
        #expect(settings.count == 25)
        #expect(Set(settings.map(\.settings.cluster.device.name)).count >= 5)
        #expect(Set(settings.map(\.settings.cluster.devices)) == [2, 4, 8])
        #expect(Set(settings.map(\.workload.name)) == Set(LengthShape.all.map(\.name)))
        #expect(settings.contains { $0.settings.requests <= 100 } && settings.contains { $0.settings.requests >= 5000 })
        #expect(settings.contains { $0.settings.cluster.link.isShared })
        for setting in settings {
            for choice in [PlanChoice.pipeline, .tensor] {
                var changed = setting.settings
                changed.plan = try choice.plan(for: changed.cluster)
                #expect(try changed.deployment().blockCount(memoryShare: changed.memoryShare) > 1000)
            }
        }
    }
}
