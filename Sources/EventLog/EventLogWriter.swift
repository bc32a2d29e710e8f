import Scheduling

/// Writes the events of a scheduling core and a digest of its actions, so that the run can be replayed anywhere
/// (`EventReplay`).
///
/// An event log is a text with one line per event: the time in nanoseconds, the event, its fields, and a digest of the
/// core's actions.
///
///     tideway-events 1
///     engine stages=2 tokens_per_block=16 blocks=512 context=2048 chunk=512 sequences=256 window=8
///     policy hybrid
///     forecast td-pipe=greedy=predicted,stealing=on,switch=intensity,order=auto lengths=history respects_limit=1
///     sample tokens=1 context=16 sequences=1 seconds=0.004,0.004
///     0 arrive 7 max=64 min=0 history=0 stops=2 prompt=9906,1917 -> 0
///     0 schedule -> 1:5e1c0f8a2b7d9364
///     8012345 retire 0 tokens=;578 seconds=0.0041,0.0039 -> 2:0c2f64e19ab35d78
///     9000000 cancel 7 -> 1:77b1f3305cd29e4a
///
/// Further events are `stop`, `lose` and `restore`. A request without `max` has no limit of its own; `expected` has the
/// lengths of its forecast, if a learned predictor made one. `computed` has the number of computed tokens of each
/// sequence in a retirement, if sequences are not computed exactly to the end of their slices. Of the sampling
/// parameters, a log keeps only those that the core depends on: the least number of tokens, and whether a draw depends
/// on the tokens before it. A log contains the tokens of prompts and answers: passing on a log passes on these texts.
package enum EventLogWriter {
    static let title = "tideway-events 1"

    /// The lines before the first event, each ended by a line feed.
    package static func header(_ setup: EventLogSetup) -> String {
        let engine = setup.configuration
        var text = """
            \(title)
            engine stages=\(engine.stages) tokens_per_block=\(engine.tokensPerBlock) blocks=\(engine.blockCount) \
            context=\(engine.contextLength) chunk=\(engine.prefillChunk) sequences=\(engine.maxSequences) \
            window=\(engine.prefillWindow)
            policy \(setup.policy)
            forecast td-pipe=\(setup.tdPipe) lengths=\(setup.lengths) respects_limit=\(setup.respectsLimit ? 1 : 0)

            """
        for sample in setup.samples {
            let load = sample.load
            text += "sample tokens=\(load.tokens) context=\(load.context) sequences=\(load.sequences) "
            text += "seconds=\(list(sample.stageSeconds))\n"
        }
        return text
    }

    /// The line of an event, ended by a line feed.
    /// - Parameter actions: all actions of the core for this event.
    package static func line(
        _ event: EngineEvent, at now: Instant, actions: some Swift.Sequence<EngineAction>
    ) -> String {
        "\(now.nanoseconds) \(words(event)) -> \(ActionSum(actions))\n"
    }

    private static func words(_ event: EngineEvent) -> String {
        switch event {
        case .arrived(let spec):
            let most = spec.maxNewTokens.map { "max=\($0) " } ?? ""
            let expected = spec.forecast.map { "expected=\(list($0.tokens)) " } ?? ""
            return "arrive \(spec.id.rawValue) \(most)\(expected)min=\(spec.sampling.minTokens) "
                + "history=\(spec.sampling.needsHistory ? 1 : 0) stops=\(list(spec.stopTokens)) "
                + "prompt=\(list(spec.prompt))"
        case .cancelled(let id): return "cancel \(id.rawValue)"
        case .stopped(let id): return "stop \(id.rawValue)"
        case .retired(let id, let tokens, let computedThrough, let seconds):
            let drawn = tokens.map { list($0.map(\.token)) }.joined(separator: ";")
            let computed = computedThrough.isEmpty ? "" : "computed=\(list(computedThrough)) "
            return "retire \(id.rawValue) tokens=\(drawn) \(computed)seconds=\(list(seconds))"
        case .stageLost(let stage): return "lose \(stage.rawValue)"
        case .stageRestored(let stage): return "restore \(stage.rawValue)"
        case .schedule: return "schedule"
        }
    }

    private static func list(_ values: [some CustomStringConvertible]) -> String {
        values.map(\.description).joined(separator: ",")
    }
}
