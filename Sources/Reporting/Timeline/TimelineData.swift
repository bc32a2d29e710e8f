import Platform
import Scheduling

/// The numbers that the page's script draws, as packed columns.
///
/// Times are counted in ticks from an origin. A tick is the smallest whole number of microseconds with which the run
/// fits into 32 bits: one microsecond for runs of up to 71 min. Runs of less than 4 s are counted in nanoseconds. No
/// screen can show the rounding.
struct TimelineData {
    private let recording: RunRecording
    private let index: SpanIndex
    private let origin: Int64
    private let nanosecondsPerTick: Int64
    private let length: Int64

    init(recording: RunRecording, index: SpanIndex) {
        self.recording = recording
        self.index = index
        let makespan = index.makespan
        let starts = recording.steps.map(\.dispatched) + [makespan?.begin].compactMap { $0 }
        let ends = recording.steps.map(\.retired) + [makespan?.end, recording.end].compactMap { $0 }
        origin = starts.min()?.nanoseconds ?? 0
        length = max(1, (ends.max()?.nanoseconds ?? 0) - origin)
        let limit = Int64(UInt32.max)
        nanosecondsPerTick = length <= limit ? 1 : (length / (limit * 1000) + 1) * 1000
    }

    /// The object that the script reads; safe within a script element.
    var json: JSONValue {
        let batches = microBatches
        var places: [MicroBatchID: Int] = [:]
        for (place, batch) in batches.enumerated() { places[batch.id] = place }
        return .object([
            .init("origin", .number(Double(origin) * 1e-9)),
            .init("secondsPerTick", .number(Double(nanosecondsPerTick) * 1e-9)),
            .init("end", .integer(Int(length / nanosecondsPerTick))),
            .init("blocksTotal", .integer(recording.blocksTotal)),
            .init("batches", batchColumns(batches)),
            .init("states", stateColumns),
            .init("switches", switchColumns(batches)),
            .init("trials", trials(batches)),
            .init(
                "stages",
                .array(
                    index.stages.map { entries in
                        .object([
                            .init("work", column(entries) { $0.span.work == .head ? 1 : 0 }),
                            .init("batch", column(entries) { places[$0.span.microBatch] ?? 0 }),
                            .init("edges", edges(entries)),
                        ])
                    })),
        ])
    }

    /// Optional numbers are stored plus one, so that 0 means nil.
    private func batchColumns(_ batches: [MicroBatch]) -> JSONValue {
        .object([
            .init("id", column(batches) { $0.id.rawValue }),
            .init("phase", column(batches) { Self.code(of: $0.step?.phase) }),
            .init("prefill", column(batches) { $0.step?.prefillTokens ?? 0 }),
            .init("decode", column(batches) { $0.step?.decodeTokens ?? 0 }),
            .init("sequences", column(batches) { $0.step?.sequences ?? 0 }),
            .init("dispatched", column(batches) { $0.step.map { ticks($0.dispatched) + 1 } ?? 0 }),
            .init("predicted", column(batches) { $0.step?.predictedPeakBlocks.map { max(0, $0) + 1 } ?? 0 }),
        ])
    }

    private var stateColumns: JSONValue {
        let states = recording.steps.sorted { $0.retired < $1.retired }
        return .object([
            .init("retired", column(states) { ticks($0.retired) }),
            .init("blocks", column(states) { $0.blocksInUse }),
            .init("live", column(states) { $0.liveRequests }),
            .init("waiting", column(states) { $0.waitingRequests }),
        ])
    }

    /// The phase switches: intensities as numbers or null, reasons as indices into the list of reason names.
    private func switchColumns(_ batches: [MicroBatch]) -> JSONValue {
        let reasons = PhaseDecision.Reason.allCases
        let switches = batches.enumerated().compactMap { place, batch in
            batch.step?.decision.map { (place: place, decision: $0) }
        }
        func intensities(_ value: (PhaseDecision) -> Double?) -> JSONValue {
            .array(switches.map { value($0.decision).map { .number(($0 * 1e5).rounded() / 1e5) } ?? .null })
        }
        return .object([
            .init("reasons", .array(reasons.map { .string($0.rawValue) })),
            .init("batch", column(switches) { $0.place }),
            .init("to", column(switches) { Self.code(of: $0.decision.to) }),
            .init("reason", column(switches) { reasons.firstIndex(of: $0.decision.reason) ?? 0 }),
            .init("waiting", column(switches) { $0.decision.waiting }),
            .init("decoding", column(switches) { $0.decision.decoding }),
            .init("spatial", intensities(\.spatial)),
            .init("temporal", intensities(\.temporal)),
        ])
    }

    /// The trials of policies, as objects: a run has few.
    private func trials(_ batches: [MicroBatch]) -> JSONValue {
        let trials = batches.enumerated().flatMap { place, batch in
            (batch.step?.trials ?? []).map { (place: place, trial: $0) }
        }
        return .array(
            trials.map { place, trial in
                .object([
                    .init("batch", .integer(place)),
                    .init("number", .integer(trial.number)),
                    .init("occasion", .string(trial.occasion.rawValue)),
                    .init("waiting", .integer(trial.waiting)),
                    .init("active", .integer(trial.active)),
                    .init("answers", .integer(trial.answers)),
                    .init("inCharge", .integer(trial.inCharge)),
                    .init("chosen", .integer(trial.chosen)),
                    .init(
                        "candidates",
                        .array(
                            trial.candidates.map {
                                .array([.string($0.name), $0.rate.map(JSONValue.number) ?? .null])
                            })),
                ])
            })
    }

    /// Begin and end of each span in turn, since the difference between the two is small.
    private func edges(_ entries: [SpanIndex.Entry]) -> JSONValue {
        var column = PackedColumn()
        for entry in entries {
            column.append(ticks(entry.span.begin))
            column.append(ticks(entry.span.end))
        }
        return column.json
    }

    private struct MicroBatch {
        let id: MicroBatchID
        /// The micro-batch's record; nil if the run ended before the micro-batch retired.
        let step: StepRecord?
    }

    /// Every micro-batch that has a step or a span, in the order of numbers.
    private var microBatches: [MicroBatch] {
        let recorded = index.steps.map { MicroBatch(id: $0.microBatch, step: $0) }
        let unrecorded = Set(index.stages.joined().lazy.filter { $0.step == nil }.map(\.span.microBatch))
        return (recorded + unrecorded.sorted().map { MicroBatch(id: $0, step: nil) }).sorted { $0.id < $1.id }
    }

    /// The phase's index in the script's list of kinds.
    private static func code(of phase: Phase?) -> Int {
        switch phase {
        case .prefill: 0
        case .decode: 1
        case .mixed: 2
        case nil: 3
        }
    }

    private func ticks(_ time: Instant) -> Int { Int((time.nanoseconds - origin) / nanosecondsPerTick) }

    private func column<Element>(_ elements: [Element], _ value: (Element) -> Int) -> JSONValue {
        var column = PackedColumn()
        for element in elements { column.append(value(element)) }
        return column.json
    }
}
