import Scheduling

/// Reads an event log line by line.
struct EventLogReader {
    struct Entry {
        let line: EventLogLine
        let time: Instant
        let event: EngineEvent
        /// The actions of the recorded core, in the form that `ActionSum` writes.
        let actions: String
    }
    private let lines: [Substring]
    private var next: Int
    let setup: EventLogSetup

    private static let most = 1 << 30
    /// The most blocks of a pool. The core keeps a list of all blocks, which a damaged number must not make huge.
    private static let mostBlocks = 1 << 26
    private static let mostStages = 1 << 12

    /// Reads the header.
    /// - Throws: `malformed_text` that names the line.
    init(_ text: String) throws(EventLogError) {
        let lines = Self.lines(of: text)
        func line(_ index: Int, begins word: String) throws(EventLogError) -> EventLogLine {
            let line = EventLogLine(lines.indices.contains(index) ? lines[index] : "", number: index + 1)
            guard line.words.first == word[...] else { throw line.error("it should begin with '\(word)'") }
            return line
        }
        let title = try line(0, begins: "tideway-events")
        guard lines[0] == EventLogWriter.title[...] else {
            throw title.error("this version of Tideway reads '\(EventLogWriter.title)'")
        }
        let policy = try line(2, begins: "policy")
        guard policy.words.count == 2 else { throw policy.error("it should name one policy") }
        var setup = EventLogSetup(
            configuration: try Self.configuration(line(1, begins: "engine")), policy: String(policy.words[1]))
        let forecast = try line(3, begins: "forecast")
        do {
            setup.tdPipe = try TDPipeOptions(parsing: String(forecast.value("td-pipe")))
        } catch let error as EventLogError {
            throw error
        } catch {
            throw forecast.error("\(error)")
        }
        setup.lengths = String(try forecast.value("lengths"))
        setup.respectsLimit = try forecast.flag("respects_limit")
        var next = 4
        while next < lines.count, lines[next].hasPrefix("sample ") {
            setup.samples.append(try Self.sample(EventLogLine(lines[next], number: next + 1)))
            next += 1
        }
        self.setup = setup
        self.lines = lines
        self.next = next
    }

    private static func lines(of text: String) -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.last?.isEmpty == true ? lines.dropLast() : lines
    }

    /// The next event; nil at the end.
    /// - Throws: `malformed_text` that names the line.
    mutating func read() throws(EventLogError) -> Entry? {
        guard next < lines.count else { return nil }
        next += 1
        let line = EventLogLine(lines[next - 1], number: next)
        let words = line.words
        guard words.count >= 4, words[words.count - 2] == "->" else {
            throw line.error("it should be a time, an event and '->' with the actions")
        }
        let time = try line.integer(word: 0, in: 0...EventLogLine.latestNanoseconds)
        return Entry(
            line: line, time: Instant(nanoseconds: Int64(time)), event: try event(line),
            actions: String(words[words.count - 1]))
    }

    private func event(_ line: EventLogLine) throws(EventLogError) -> EngineEvent {
        let stages = setup.configuration.stages
        switch line.words[1] {
        case "arrive": return .arrived(try spec(line))
        case "cancel": return .cancelled(RequestID(try line.integer(word: 2)))
        case "stop": return .stopped(RequestID(try line.integer(word: 2)))
        case "retire":
            var tokens: [[SampledToken]] = []
            for list in try line.value("tokens").split(separator: ";", omittingEmptySubsequences: false) {
                tokens.append(try line.tokens(list, "tokens").map { SampledToken($0) })
            }
            let seconds = try line.seconds("seconds")
            guard seconds.isEmpty || seconds.count == stages else {
                throw line.error("'seconds' has \(seconds.count) numbers for \(stages) stages")
            }
            let computed = try line.optional("computed").map { list throws(EventLogError) in
                try line.tokens(list, "computed").map(Int.init)
            }
            return .retired(
                MicroBatchID(try line.integer(word: 2, in: 0 ... .max)), tokens, computedThrough: computed ?? [],
                stageSeconds: seconds)
        case "lose": return .stageLost(StageID(try line.integer(word: 2, in: 0...stages - 1)))
        case "restore": return .stageRestored(StageID(try line.integer(word: 2, in: 0...stages - 1)))
        case "schedule": return .schedule
        default: throw line.error("'\(line.words[1])' is no event")
        }
    }

    private func spec(_ line: EventLogLine) throws(EventLogError) -> RequestSpec {
        var spec = RequestSpec(
            id: RequestID(try line.integer(word: 2)), prompt: try line.tokens(line.value("prompt"), "prompt"),
            maxNewTokens: line.optional("max") == nil ? nil : try line.integer("max"),
            stopTokens: try line.tokens(line.value("stops"), "stops"))
        spec.sampling.minTokens = try line.integer("min")
        spec.forecast = try forecast(line)
        // Any parameter that makes a draw depend on the history will do.
        if try line.flag("history") { spec.sampling.presencePenalty = 1 }
        return spec
    }

    private func forecast(_ line: EventLogLine) throws(EventLogError) -> LengthForecast? {
        guard let list = line.optional("expected") else { return nil }
        let lengths = try line.tokens(list, "expected").map(Int.init)
        guard lengths.count == LengthForecast.count else {
            throw line.error("'expected' has \(lengths.count) lengths; a forecast has \(LengthForecast.count)")
        }
        return LengthForecast(lengths)
    }

    private static func configuration(_ line: EventLogLine) throws(EventLogError) -> EngineConfiguration {
        let stages = try line.integer("stages", in: 1...mostStages)
        return EngineConfiguration(
            stages: stages, tokensPerBlock: try line.integer("tokens_per_block", in: 1...most),
            blockCount: try line.integer("blocks", in: 1...mostBlocks),
            contextLength: try line.integer("context", in: 1...most),
            prefillChunk: try line.integer("chunk", in: 1...most),
            maxSequences: try line.integer("sequences", in: 1...most),
            prefillWindow: try line.integer("window", in: stages...most))
    }

    private static func sample(_ line: EventLogLine) throws(EventLogError) -> StepSample {
        StepSample(
            load: StepLoad(
                tokens: try line.integer("tokens", in: 1...most), context: try line.integer("context", in: 0...most),
                sequences: try line.integer("sequences", in: 0...most)),
            stageSeconds: try line.seconds("seconds"))
    }
}
