import ArgumentParser
import Transformer

/// The numbers that every verb with a pipeline takes.
enum PipelineShape {
    private static let mostThreads = 1024
    private static let mostChunk = 2048

    /// - Throws: an error that names the option, its value and what it must lie in.
    static func check(stages: Int, threads: Int?, prefillChunk: Int, maxSequences: Int = 1) throws {
        for (name, value, most) in [
            ("stages", stages, 65_536), ("threads", threads ?? 1, 65_536), ("prefill-chunk", prefillChunk, mostChunk),
            ("max-sequences", maxSequences, 1_000_000),
        ] {
            guard (1...most).contains(value) else {
                throw ValidationError("--\(name) is \(value); it must lie in 1...\(most)")
            }
        }
        let each = Self.threads(threads, stages: stages)
        guard stages * each <= mostThreads else {
            throw ValidationError(
                "--stages \(stages) times --threads \(each) is \(stages * each) threads; at most \(mostThreads) can "
                    + "be had")
        }
    }

    /// Threads of each stage: those that were asked for, or the cores shared out evenly.
    static func threads(_ asked: Int?, stages: Int) -> Int { asked ?? max(1, Processors.available.count / stages) }

    /// Turns an error of the library about an option into one of usage.
    static func usage<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw ValidationError("\(error)") }
    }
}
