import Platform
import Scheduling

/// A run as a trace in the Chrome trace event format, which ui.perfetto.dev and chrome://tracing open.
///
/// One process represents the run and one thread each stage. Spans are complete events named by their phase (`decode`;
/// `decode, head` for a stage's share of the output head) in the category `layers` or `head`, with the number of the
/// micro-batch, its tokens and its sequences as arguments; times are microseconds since the run began. Counter tracks
/// show the KV blocks in use and the peak that the policy predicted, and the live and waiting requests, after each
/// retirement. Each phase switch is an instant event of the process, `switch to decode`, at the dispatch of the first
/// micro-batch after the switch, with the figures that decided the switch; intensities that were not computed are left
/// out. Each trial of policies is one too, `trial: hybrid+chunk=512 goes on`, with the members of `policy_trials`.
package struct PerfettoTrace: Sendable {
    private let recording: RunRecording

    package init(recording: RunRecording) {
        self.recording = recording
    }

    /// The whole trace as one JSON object.
    package var json: String {
        var text = ""
        write { text += $0 }
        return text
    }

    /// Passes the trace to `sink` in pieces of about 64 KiB, so that a long run is never held as one text. Rethrows
    /// what `sink` throws.
    package func write(to sink: (String) throws -> Void) rethrows {
        var buffer = "{\"displayTimeUnit\":\"ms\",\"otherData\":" + about.compact + ",\"traceEvents\":[\n"
        var isFirst = true
        func add(_ event: String) throws {
            buffer += isFirst ? event : ",\n" + event
            isFirst = false
            guard buffer.utf8.count > 1 << 16 else { return }
            try sink(buffer)
            buffer = ""
        }
        let index = SpanIndex(recording)
        try add(Self.metadata("process_name", thread: 0, "name", .string("\(recording.model), \(recording.policy)")))
        for stage in index.stages.indices {
            try add(Self.metadata("thread_name", thread: stage, "name", .string("stage \(stage)")))
            try add(Self.metadata("thread_sort_index", thread: stage, "sort_index", .integer(stage)))
        }
        for (stage, entries) in index.stages.enumerated() {
            for entry in entries { try add(Self.complete(entry, stage: stage, steps: index.steps)) }
        }
        for step in recording.steps {
            let predicted = step.predictedPeakBlocks.map { ",\"predicted peak\":\($0)" } ?? ""
            try add(Self.counter("KV blocks", at: step.retired, "\"in use\":\(step.blocksInUse)" + predicted))
            try add(
                Self.counter(
                    "requests", at: step.retired, "\"live\":\(step.liveRequests),\"waiting\":\(step.waitingRequests)"))
        }
        for step in index.steps {
            for trial in step.recordedTrials { try add(Self.instant(trial)) }
            if let decision = step.decision { try add(Self.instant(decision, of: step)) }
        }
        try sink(buffer + "\n]}\n")
    }

    private var about: JSONValue {
        .object([
            .init("model", .string(recording.model)),
            .init("policy", .string(recording.policy)),
            .init("stages", .integer(recording.stages)),
            .init("threads_per_stage", .integer(recording.threadsPerStage)),
            .init("kv_blocks_total", .integer(recording.blocksTotal)),
            .init("tokens_per_block", .integer(recording.tokensPerBlock)),
        ])
    }

    private static func metadata(_ name: String, thread: Int, _ key: String, _ value: JSONValue) -> String {
        "{\"ph\":\"M\",\"pid\":1,\"tid\":\(thread),\"name\":\"\(name)\",\"args\":{\"\(key)\":\(value.compact)}}"
    }

    private static func complete(_ entry: SpanIndex.Entry, stage: Int, steps: [StepRecord]) -> String {
        let span = entry.span
        var name = "unrecorded"
        var details = ""
        if let step = entry.step.map({ steps[$0] }) {
            name = step.phase.rawValue + (span.work == .head ? ", head" : "")
            details =
                ",\"tokens\":\(step.prefillTokens + step.decodeTokens),\"prefill_tokens\":\(step.prefillTokens)"
                + ",\"decode_tokens\":\(step.decodeTokens),\"sequences\":\(step.sequences)"
        }
        let duration = microseconds(span.end.nanoseconds - span.begin.nanoseconds)
        return "{\"ph\":\"X\",\"pid\":1,\"tid\":\(stage),\"name\":\"\(name)\",\"cat\":\"\(span.work.rawValue)\""
            + ",\"ts\":\(microseconds(span.begin.nanoseconds)),\"dur\":\(duration)"
            + ",\"args\":{\"micro_batch\":\(span.microBatch.rawValue)\(details)}}"
    }

    private static func counter(_ name: String, at time: Instant, _ values: String) -> String {
        "{\"ph\":\"C\",\"pid\":1,\"name\":\"\(name)\",\"ts\":\(microseconds(time.nanoseconds)),\"args\":{\(values)}}"
    }

    private static func instant(_ decision: PhaseDecision, of step: StepRecord) -> String {
        let figures: [JSONMember?] = [
            .init("reason", .string(decision.reason.rawValue)),
            decision.spatial.map { .init("spatial_intensity", .number($0)) },
            decision.temporal.map { .init("temporal_intensity", .number($0)) },
            .init("waiting", .integer(decision.waiting)),
            .init("decoding", .integer(decision.decoding)),
            .init("micro_batch", .integer(step.microBatch.rawValue)),
        ]
        return "{\"ph\":\"i\",\"s\":\"p\",\"pid\":1,\"tid\":0,\"name\":\"switch to \(decision.to.rawValue)\""
            + ",\"cat\":\"phase switch\",\"ts\":\(microseconds(step.dispatched.nanoseconds))"
            + ",\"args\":\(JSONValue.object(figures.compactMap { $0 }).compact)}"
    }

    private static func instant(_ recorded: RecordedTrial) -> String {
        let name = JSONValue.string("trial: \(PolicyTrials.chosen(recorded.trial)) goes on").compact
        return "{\"ph\":\"i\",\"s\":\"p\",\"pid\":1,\"tid\":0,\"name\":\(name),\"cat\":\"trial of policies\""
            + ",\"ts\":\(microseconds(recorded.time.nanoseconds))"
            + ",\"args\":\(JSONValue.object(PolicyTrials.members(of: recorded)).compact)}"
    }

    /// Exact: the trace format takes fractions of a microsecond.
    private static func microseconds(_ nanoseconds: Int64) -> String {
        let digits = String(nanoseconds.magnitude % 1000)
        return (nanoseconds < 0 ? "-" : "") + String(nanoseconds.magnitude / 1000) + "."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
