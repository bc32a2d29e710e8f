import CPUDevice
import ModelPlans
import Scheduling
import StageDevices
import Testing
import TinyModels

@Suite("Shares of the output head on tiny models", .timeLimit(.minutes(30)))
struct HeadShareTests {
    private func builder(tied: Bool) -> GGUFBuilder {
        var builder = TinyModel().builder
        if tied { builder[tensor: "output.weight"] = nil }
        return builder
    }

    private func tokens(_ stages: TinyStages, _ parameters: SamplingParameters) throws -> [TokenID] {
        var sequence = TinySequence(
            request: 0, prompt: (0..<30).map { TokenID($0 * 7 % 200) }, blocks: Array(0..<6), parameters: parameters)
        while sequence.answer.count < 25 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        return sequence.answer
    }

    @Test("even, uneven and empty shares", arguments: [false, true], [Precision.int8, .f32])
    func shares(tied: Bool, precision: Precision) throws {
        let builder = builder(tied: tied)
        // A tied head sees the embedding's own token far above the others.
        let settings: [SamplingParameters] = [
            .greedy, .with { ($0.temperature, $0.seedKey) = (tied ? 20 : 0.9, 4) },
            .greedy { $0.repetitionPenalty = 1.4 },
        ]
        let whole = try TinyStages(builder, precision: precision)
        let expected = try settings.map { try tokens(whole, $0) }
        #expect(Set(expected).count == settings.count)
        for tokenCuts in [nil, [0, 0], [200, 200], [16, 32], [0, 200], [96, 112]] {
            let stages = try TinyStages(builder, cuts: [1, 3], tokenCuts: tokenCuts, precision: precision)
            #expect(try settings.map { try tokens(stages, $0) } == expected, "cut at \(tokenCuts ?? [])")
        }
    }

    @Test("a stage packs its share of the head alone; a head that is the embedding is packed once")
    func memory() throws {
        for tied in [false, true] {
            let checkpoint = try builder(tied: tied).checkpoint()
            let all = CPUDevice.packedBytes(try ModelPlan(checkpoint), of: checkpoint)
            func bytes(_ shares: [Range<Int>]) throws -> [Int] {
                let device = try CPUDevice(checkpoint)
                var counts: [Int] = []
                for (index, share) in shares.enumerated() {
                    let range = LayerRange(
                        layers: index == 0 ? 0..<4 : 4..<4, vocabulary: share, hasEmbedding: index == 0,
                        hasFinalNorm: index == shares.count - 1)
                    _ = try device.load([range], blocks: 1)
                    counts.append(device.weightBytes)
                }
                return counts
            }
            #expect(try bytes([0..<200]) == [all])
            // A row of q8_0 takes 64 bytes and 2 f16 scales.
            let row = 64 + 2 * 2
            let norm = 64 * 4
            // The last of 13 panels of 16 rows holds 8 rows of zeros beside 8 tokens.
            #expect(try bytes([0..<96, 96..<200]) == [all - norm - (tied ? 0 : 7 * 16 * row), all])
            #expect(try bytes([0..<0, 0..<200]) == [all - norm - (tied ? 0 : 13 * 16 * row), all])
        }
    }

    @Test("a share loaded twice is packed once, and one after the whole is a view of it")
    func again() throws {
        let device = try CPUDevice(builder(tied: false).checkpoint())
        let share = LayerRange(layers: 0..<0, vocabulary: 16..<32, hasEmbedding: false, hasFinalNorm: false)
        for _ in 0..<2 { _ = try device.load([share], blocks: 1) }
        #expect(device.weightBytes == 16 * (64 + 2 * 2))
        let all = LayerRange(layers: 0..<0, vocabulary: 0..<200, hasEmbedding: false, hasFinalNorm: false)
        _ = try device.load([all], blocks: 1)
        let both = device.weightBytes
        let other = LayerRange(layers: 0..<0, vocabulary: 32..<200, hasEmbedding: false, hasFinalNorm: false)
        _ = try device.load([other], blocks: 1)
        #expect(device.weightBytes == both)
    }
}
