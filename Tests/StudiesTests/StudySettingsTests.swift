import Simulation
import Studies
import Testing

/// Settings as texts: flags and sweeps both go through them.
@Suite struct StudySettingsTests {
    private func settings() throws -> StudySettings {
        StudySettings(
            model: try Catalogue.standard.model(named: "Llama-2-13B"), cluster: try Cluster("4xL20"))
    }

    @Test func everyKeySetsItsOwnSetting() throws {
        let values: [(key: String, text: String, changed: (inout StudySettings) throws -> Void)] = [
            ("cluster", "2xA10", { $0.cluster = try Cluster("2xA10") }),
            ("model", "mistral-7b", { $0.model = try Catalogue.standard.model(named: "Mistral-7B") }),
            ("parallel", "tp2pp2", { $0.plan = try ParallelPlan(pipeline: 2, tensor: 2) }),
            ("weights", "q4_k", { $0.formats.weights = .q4K }),
            ("requests", "7", { $0.requests = 7 }), ("seed", "9", { $0.seed = 9 }),
            ("rate", "2.5", { $0.arrivals = try ArrivalProcess(.poisson(rate: 2.5)) }),
            ("arrivals", "closed:8", { $0.arrivals = try ArrivalProcess(.closed(clients: 8)) }),
            ("predictor", "constant:30", { $0.predictor = PredictorChoice(.workload(.constant(30))) }),
            ("prediction-error", "0.5", { $0.predictor.error = 0.5 }),
            ("predictor-bias", "3", { $0.predictor.bias = 3 }), ("order", "longest", { $0.order = .longest }),
            ("profile-error", "0.25", { $0.profileError = 0.25 }),
            ("prefill-chunk", "64", { $0.prefillChunk = 64 }), ("max-sequences", "12", { $0.maxSequences = 12 }),
            ("memory-share", "0.5", { $0.memoryShare = 0.5 }), ("kv-blocks", "33", { $0.blocks = 33 }),
            ("controller-us", "20", { $0.controllerSeconds = 20 * 1e-6 }),
        ]
        #expect(values.map(\.key) == StudyKeys.names)
        for (key, text, change) in values {
            var (set, wanted) = (try settings(), try settings())
            try set.set(key, to: text)
            try change(&wanted)
            #expect(set == wanted, "\(key)")
            #expect(try set != settings(), "\(key)")
        }
    }

    @Test(arguments: [
        ("cluster", "4xL21", "L40S"), ("cluster", "4xL20@pcie9", "pcie4"), ("model", "gpt", "Llama-2-7B"),
        ("parallel", "4", "tp2pp2"), ("weights", "fp12", "q4_k"), ("requests", "0", "1...10000000"),
        ("requests", "many", "many"), ("seed", "-1", "0..."), ("rate", "0", "1e-06"), ("rate", "nan", "nan"),
        ("arrivals", "poisson", "closed:CLIENTS"), ("arrivals", "gamma:1", "gamma:RATE:CV"),
        ("arrivals", "closed:0", "at least 1"), ("predictor", "magic", "class-means"),
        ("predictor", "constant", "oracle"),
        ("predictor", "constant:x", "oracle"), ("predictor", "history:100", "history:PERCENTILE"),
        ("predictor", "prompt-length:3", "prompt-length"), ("predictor-bias", "0", "0.001"),
        ("predictor-bias", "1001", "1000.0"), ("order", "shortest", "longest"), ("profile-error", "nan", "4.0"),
        ("profile-error", "-0.1", "0.0"), ("predictor", "constant:0", "1..."), ("prediction-error", "9", "4.0"),
        ("prefill-chunk", "0", "1..."), ("memory-share", "1.5", "1.0"), ("kv-blocks", "1e3", "whole number"),
        ("controller-us", "-1", "0.0"), ("colour", "red", "prefill-chunk"),
    ])
    func errorsSayWhatIsPossible(key: String, text: String, word: String) throws {
        var settings = try settings()
        let error = #expect(throws: SimulationError.self) { try settings.set(key, to: text) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        #expect(try settings == self.settings())
    }

    @Test func textsOfProcessesAndPredictorsReadBack() throws {
        for text in ["offline", "poisson:2.5", "gamma:2.5:3.0", "closed:32"] {
            #expect(try ArrivalProcess(parsing: text).text == text)
        }
        for text in [
            "oracle", "class-means", "constant:256", "history", "history:75", "prompt-length", "learned",
        ] {
            #expect(try PredictorChoice(parsing: text).text == text)
        }
        var choice = try PredictorChoice(parsing: "class-means")
        (choice.error, choice.bias) = (0.25, 2)
        #expect(choice.text == "class-means, error 0.25, bias 2.0")
        #expect(try ArrivalProcess(parsing: "gamma:2:3").with(rate: 5).text == "gamma:5.0:3.0")
        #expect(try ArrivalProcess(parsing: "closed:4").rate == nil)
    }

    /// What a real run knows is the default; errors are for predictions that are made from the true lengths.
    @Test func errorsOfAPredictorThatLearnsAreRefusedByName() throws {
        #expect(try settings().predictor == .history && settings().predictor.model() == nil)
        for predictor in ["history", "history:90", "prompt-length", "learned"] {
            for (key, value) in [("prediction-error", "0.5"), ("predictor-bias", "2")] {
                var settings = try settings()
                try settings.set(key, to: value)
                try settings.set("predictor", to: predictor)
                let error = #expect(throws: SimulationError.self) { try settings.check() }
                let message = error?.message ?? ""
                #expect(error?.code == .invalidSetting && message.contains("'\(predictor)'"), "\(message)")
                #expect(message.contains(key) && message.contains("class-means"), "\(message)")
                try settings.set("predictor", to: "class-means")
                try settings.check()
            }
        }
    }

    @Test func anOrderNeedsLengthsAndRequestsThatAreThere() throws {
        var settings = try settings()
        try settings.set("order", to: "longest")
        let unknown = #expect(throws: SimulationError.self) { try settings.check() }
        #expect(unknown?.message.contains("'history'") == true && unknown?.message.contains("oracle") == true)
        try settings.set("predictor", to: "class-means")
        try settings.check()
        for arrivals in ["poisson:2", "closed:3"] {
            try settings.set("arrivals", to: arrivals)
            let late = #expect(throws: SimulationError.self) { try settings.check() }
            #expect(late?.message.contains("offline") == true)
        }
    }

    @Test func aSweepIsAKeyWithValues() throws {
        let sweep = try Sweep(parsing: "parallel=pp4,tp4,tp2pp2")
        #expect(sweep.key == "parallel" && sweep.values == ["pp4", "tp4", "tp2pp2"])
        let points = try sweep.points(of: settings())
        #expect(points.compactMap { $0.plan?.description } == sweep.values)
        #expect(points.allSatisfy { $0.cluster.name == "4xL20" })
        for text in ["rate", "rate=", "rate=1,,2", "rate=1,1", "=1", "colour=red"] {
            #expect(throws: SimulationError.self, "\(text)") { try Sweep(parsing: text) }
        }
        #expect(throws: SimulationError.self) { try Sweep(parsing: "rate=1,x").points(of: settings()) }
    }

    @Test func thePoolIsWhatFitsOrLess() throws {
        var settings = try settings()
        let deployment = try settings.deployment()
        #expect(deployment.plan.description == "pp4")
        let fitting = try settings.configuration(of: deployment, prefillChunk: 512).blockCount
        settings.blocks = fitting
        #expect(try settings.configuration(of: deployment, prefillChunk: 512).blockCount == fitting)
        settings.blocks = fitting + 1
        let error = #expect(throws: SimulationError.self) {
            try settings.configuration(of: deployment, prefillChunk: 512)
        }
        #expect(error?.code == .doesNotFit && error?.message.contains("\(fitting)") == true)
        settings.blocks = nil
        settings.memoryShare = 0.1
        #expect(throws: SimulationError.self) { try settings.configuration(of: deployment, prefillChunk: 512) }
    }
}
