import Inference
import OpenAIProtocol
import Scheduling

/// Answers requests on engines of several shapes, from several tasks at a time, some of them given up half-way. Built with
/// the thread sanitizer by `make sanitize`, it shows data races of the runtime; in any build it holds all engines to the
/// same answers.
///
/// Usage: RaceCheck MODEL
@main
struct RaceCheck {
    private struct Shape {
        let stages: Int
        let threads: Int
        let policy: String
    }

    private static let shapes = [
        Shape(stages: 1, threads: 1, policy: "separate"), Shape(stages: 2, threads: 2, policy: "hybrid"),
        Shape(stages: 3, threads: 1, policy: "throttle"), Shape(stages: 2, threads: 1, policy: "td-pipe"),
    ]
    private static let requests = 60
    private static let tasks = 5

    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { fatalError("usage: RaceCheck MODEL") }
        let model = try TextModel(path: CommandLine.arguments[1])
        var expected: [[Int32]]?
        for shape in shapes {
            let answers = try await answers(of: model, shape)
            if let expected, expected != answers { fatalError("\(shape) gives other answers") }
            expected = answers
            print("\(shape.stages) stages of \(shape.threads) threads, \(shape.policy): \(answers.count) answers")
        }
    }

    private static func answers(of model: TextModel, _ shape: Shape) async throws -> [[Int32]] {
        var options = EngineOptions()
        options.stages = shape.stages
        options.threads = shape.threads
        // Room for a few sequences at a time, so that some are preempted.
        options.kvMemory = 1 << 18
        options.prefillChunk = 16
        let engine = try InferenceEngine(model, options: options, policy: PolicyChoice(name: shape.policy))
        defer { engine.shutDown() }
        return try await withThrowingTaskGroup(of: [(Int, [Int32])].self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var done: [(Int, [Int32])] = []
                    for index in stride(from: task, to: requests, by: tasks) {
                        let given = engine.submit(request(index))
                        let dropped = engine.submit(request(index + requests))
                        for try await _ in given { dropped.cancel() }
                        done.append((index, try await given.answer.choices[0].tokenIDs))
                        // It was given up, or was quicker than that.
                        _ = try? await dropped.answer
                    }
                    return done
                }
            }
            var all = [[Int32]](repeating: [], count: requests)
            for try await part in group { for (index, tokens) in part { all[index] = tokens } }
            return all
        }
    }

    /// Greedy ones, and ones whose draws need all logits.
    private static func request(_ index: Int) -> GenerationRequest {
        var sampling = SamplingParameters.greedy
        if index % 2 == 1 { sampling.temperature = 0.8 }
        let text = String(repeating: "the tide comes in and goes out ", count: 1 + index % 3)
        return GenerationRequest(
            .text(text), id: "\(index)", maxTokens: 8 + index % 5, sampling: sampling, seed: 7, stop: ["never"],
            ignoreEOS: true)
    }
}
