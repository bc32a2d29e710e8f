import AllocationCount
import CPUDevice
import Scheduling
import Testing
import TinyModels

/// Layers work in memory that the stage has. Checked in release builds alone: without optimisation the values that the team's
/// generic methods are given lie on the heap.
@Suite("Allocations of a step", .timeLimit(.minutes(30)))
struct AllocationTests {
    private static let isCounted: Bool = {
        #if DEBUG
            false
        #else
            allocations_of_this_thread() >= 0
        #endif
    }()

    /// Steps of so many decoding sequences beside so many tokens of a prompt.
    static let batches = [(1, 0), (8, 0), (0, 40), (5, 20)]

    /// Steps until a stage's memory has grown, and those that are counted then.
    private static let growing = 20
    private static let counted = 8

    /// How often the thread that runs a stage allocates.
    private func allocations(layers: Int, precision: Precision, threads: Int, batch: MicroBatch) throws -> Int64 {
        var recipe = TinyModel()
        recipe.layers = layers
        let stage = try TinyStages(recipe.builder, precision: precision, threads: threads).stages[0]
        var before: Int64 = 0
        for step in 0..<Self.growing + Self.counted {
            if step == Self.growing { before = allocations_of_this_thread() }
            guard case .groups(let groups) = try stage.execute(batch, input: nil, continues: { _ in true }) else {
                preconditionFailure("the only stage drew no tokens")
            }
            for group in groups {
                var tokens: Range<Int>? = stage.range.vocabulary
                try stage.project(group) {
                    defer { tokens = nil }
                    return tokens
                }
                _ = try stage.draw(group)
            }
        }
        return allocations_of_this_thread() - before
    }

    private func batch(decoding: Int, prompt: Int) -> MicroBatch {
        var slices = (0..<decoding).map { index in
            SequenceSlice(
                request: RequestID(index), start: 20 + index, tokens: [TokenID(index)],
                blocks: [BlockID(2 * index), BlockID(2 * index + 1)],
                sampling: SamplingTask(parameters: .greedy, generated: 1, history: []))
        }
        if prompt > 0 {
            slices.append(
                SequenceSlice(
                    request: RequestID(decoding), start: 0, tokens: (0..<prompt).map { TokenID($0) },
                    blocks: (20..<20 + (prompt + 15) / 16).map { BlockID($0) },
                    sampling: SamplingTask(parameters: .greedy, generated: 0, history: [])))
        }
        return MicroBatch(id: MicroBatchID(0), phase: .mixed, slices: slices)
    }

    @Test(
        "a layer allocates nothing", .enabled(if: isCounted, "needs glibc and a release build"), arguments: batches,
        [Precision.int8, .f32])
    func layers(sizes: (Int, Int), precision: Precision) throws {
        let batch = batch(decoding: sizes.0, prompt: sizes.1)
        for threads in 1...2 {
            let few = try allocations(layers: 2, precision: precision, threads: threads, batch: batch)
            let many = try allocations(layers: 6, precision: precision, threads: threads, batch: batch)
            #expect(few > 0, "nothing was counted, not even the results")
            #expect(many == few, "\(threads) threads: \(many - few) allocations in 4 layers of \(Self.counted) steps")
        }
    }
}
