import ArgumentParser
import Platform

/// The numbers that every command with a pipeline takes.
enum PipelineShape {
    /// Numbers of stages that can be asked for; the model's layers may allow fewer.
    static let stages = 1...65_536
    private static let mostThreads = 1024
    private static let mostChunk = 2048

    /// - Throws: an error that names the option, its value and its range.
    static func check(stages: Int, threads: Int?, prefillChunk: Int, maxSequences: Int = 1) throws {
        try Usage.check("stages", stages, in: Self.stages)
        try Usage.check("threads", threads ?? 1, in: 1...65_536)
        try Usage.check("prefill-chunk", prefillChunk, in: 1...mostChunk)
        try Usage.check("max-sequences", maxSequences, in: 1...1_000_000)
        let each = Self.threads(threads, stages: stages)
        guard stages * each <= mostThreads else {
            throw ValidationError(
                "--stages \(stages) times --threads \(each) is \(stages * each) threads; at most \(mostThreads) can "
                    + "be had")
        }
    }

    /// Threads of each stage: the given number, or the cores shared out evenly.
    static func threads(_ asked: Int?, stages: Int) -> Int { asked ?? max(1, Processors.available.count / stages) }
}
