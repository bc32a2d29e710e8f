import Scheduling

/// The numbers that the page's script draws, as columns of unsigned integers.
///
/// Times are counted in ticks from an origin. A tick is the smallest whole number of nanoseconds with which the run
/// fits into 32 bits: one nanosecond up to 4.3 s, one microsecond up to 71 min. No screen can show the difference.
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
        nanosecondsPerTick = length / Int64(UInt32.max) + 1
    }

    /// The object that the script reads; safe within a script element.
    var json: OrderedJSON {
        let batches = microBatches
        var places: [MicroBatchID: Int] = [:]
        for (place, batch) in batches.enumerated() { places[batch.id] = place }
        let states = recording.steps.sorted { $0.retired < $1.retired }
        return .object([
            .init("origin", .number(Double(origin) * 1e-9)),
            .init("secondsPerTick", .number(Double(nanosecondsPerTick) * 1e-9)),
            .init("end", .integer(Int(length / nanosecondsPerTick))),
            .init("blocksTotal", .integer(recording.blocksTotal)),
            .init(
                "batches",
                .object([
                    .init("id", column(batches) { $0.id.rawValue }),
                    .init("phase", column(batches) { Self.code(of: $0.step?.phase) }),
                    .init("prefill", column(batches) { $0.step?.prefillTokens ?? 0 }),
                    .init("decode", column(batches) { $0.step?.decodeTokens ?? 0 }),
                    .init("sequences", column(batches) { $0.step?.sequences ?? 0 }),
                    .init("dispatched", column(batches) { $0.step.map { ticks($0.dispatched) } ?? 0 }),
                ])),
            .init(
                "states",
                .object([
                    .init("retired", column(states) { ticks($0.retired) }),
                    .init("blocks", column(states) { $0.blocksInUse }),
                    .init("live", column(states) { $0.liveRequests }),
                    .init("waiting", column(states) { $0.waitingRequests }),
                ])),
            .init(
                "stages",
                .array(
                    index.stages.map { entries in
                        .object([
                            .init("batch", column(entries) { places[$0.span.microBatch] ?? 0 }),
                            .init("begin", column(entries) { ticks($0.span.begin) }),
                            .init("end", column(entries) { ticks($0.span.end) }),
                        ])
                    })),
        ])
    }

    private struct MicroBatch {
        let id: MicroBatchID
        /// Nil if the run ended before the micro-batch retired.
        let step: StepRecord?
    }

    /// Every micro-batch that has a step or a span, in the order of numbers.
    private var microBatches: [MicroBatch] {
        let recorded = index.steps.map { MicroBatch(id: $0.microBatch, step: $0) }
        let unrecorded = Set(index.stages.joined().lazy.filter { $0.step == nil }.map(\.span.microBatch))
        return (recorded + unrecorded.sorted().map { MicroBatch(id: $0, step: nil) }).sorted { $0.id < $1.id }
    }

    /// Places in the script's list of kinds.
    private static func code(of phase: Phase?) -> Int {
        switch phase {
        case .prefill: 0
        case .decode: 1
        case .mixed: 2
        case nil: 3
        }
    }

    private func ticks(_ time: Instant) -> Int { Int((time.nanoseconds - origin) / nanosecondsPerTick) }

    /// One value an element, little-endian, in the fewest of 1, 2 or 4 bytes that hold the largest. Values outside the
    /// range of 32 bits are clamped.
    private func column<Element>(_ elements: [Element], _ value: (Element) -> Int) -> OrderedJSON {
        let values = elements.map { UInt32(clamping: value($0)) }
        let largest = values.max() ?? 0
        let width = largest < 1 << 8 ? 1 : largest < 1 << 16 ? 2 : 4
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * width)
        for value in values {
            for place in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(place)))) }
        }
        return .object([
            .init("width", .integer(width)), .init("data", .string(TextEncodings.base64(bytes))),
        ])
    }
}
