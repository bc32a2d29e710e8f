import ModelPlans
import Testing
import TinyModels

@Suite("Rotations of checkpoints")
struct RotaryTests {
    private func parameters(_ change: (inout GGUFBuilder) -> Void) throws -> RotarySpec {
        var builder = TinyModel().builder
        change(&builder)
        return try #require(ModelPlan(builder.checkpoint()).layers[0].attention.rotation)
    }

    private func expect(
        _ code: ModelPlanError.Code, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout GGUFBuilder) -> Void
    ) {
        let error = #expect(throws: ModelPlanError.self, sourceLocation: sourceLocation) { try parameters(change) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                error?.message.contains(part) == true, "'\(error?.message ?? "")' lacks '\(part)'",
                sourceLocation: sourceLocation)
        }
    }

    @Test("base, width and factors of the file")
    func values() throws {
        let rope = try parameters {
            $0["llama.rope.freq_base"] = .float(500_000)
            $0["llama.rope.dimension_count"] = .integer(8)
            $0[tensor: "rope_freqs.weight"] = .init(shape: [4], floats: [1, 1, 2, 8])
        }
        #expect(rope.base == 500_000 && rope.dimensions == 8)
        #expect(rope.frequencyFactors == [1, 1, 2, 8])
    }

    @Test("linear scaling, by either key, with or without its type")
    func linear() throws {
        #expect(
            try parameters {
                $0["llama.rope.scaling.type"] = .string("linear")
                $0["llama.rope.scaling.factor"] = .float(4)
            }.linearFactor == 4)
        #expect(try parameters { $0["llama.rope.scaling.factor"] = .float(2) }.linearFactor == 2)
        #expect(try parameters { $0["llama.rope.scale_linear"] = .float(3) }.linearFactor == 3)
        #expect(try parameters { $0["llama.rope.scaling.type"] = .string("none") }.linearFactor == 1)
    }

    @Test("bad values are refused with their limits")
    func refused() {
        expect(.badConfiguration, ["rope.dimension_count", "7", "2...16"]) {
            $0["llama.rope.dimension_count"] = .integer(7)
        }
        expect(.badConfiguration, ["rope.dimension_count", "18", "2...16"]) {
            $0["llama.rope.dimension_count"] = .integer(18)
        }
        expect(.badConfiguration, ["rope.dimension_count", "0"]) { $0["llama.rope.dimension_count"] = .integer(0) }
        for base: Float in [0, -1, .nan, .infinity] {
            expect(.badConfiguration, ["rope.freq_base", "\(base)"]) { $0["llama.rope.freq_base"] = .float(base) }
        }
        for factor: Float in [0, -2, .nan, .infinity] {
            expect(.badConfiguration, ["factor", "\(factor)"]) {
                $0["llama.rope.scaling.type"] = .string("linear")
                $0["llama.rope.scaling.factor"] = .float(factor)
            }
        }
        expect(.badTensor, ["rope_freqs.weight", "5", "8"]) {
            $0[tensor: "rope_freqs.weight"] = .init(shape: [5], floats: [1, 1, 1, 1, 1])
        }
        expect(.badConfiguration, ["rope_freqs.weight", "0"]) {
            $0[tensor: "rope_freqs.weight"] = .init(shape: [8], floats: [1, 1, 1, 0, 1, 1, 1, 1])
        }
        expect(.unsupportedFeature, ["'yarn'", "linear"]) { $0["llama.rope.scaling.type"] = .string("yarn") }
    }
}
