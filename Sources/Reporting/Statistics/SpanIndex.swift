import Scheduling

/// A recording's spans sorted by stage, each with its micro-batch's record and the times when it was dispatched and
/// ready.
struct SpanIndex {
    struct Entry {
        let span: StageSpan
        /// Index of the micro-batch's record in `steps`; nil if the run ended before the micro-batch retired.
        let step: Int?
        /// When the piece of work was dispatched, as `IdleCause` defines it.
        let dispatched: Instant
        /// When the input of the piece of work was there, as `IdleCause` defines it.
        let ready: Instant
    }

    /// The step records in the order of micro-batch numbers.
    let steps: [StepRecord]
    /// One list per stage, in the order of execution. Spans of stages that the run does not have are left out.
    let stages: [[Entry]]

    init(_ recording: RunRecording) {
        let steps = recording.steps.sorted { $0.microBatch < $1.microBatch }
        var places: [MicroBatchID: Int] = [:]
        for (place, step) in steps.enumerated() { places[step.microBatch] = place }
        let spans = Self.spansByStage(of: recording)

        var begins: [MicroBatchID: Instant] = [:]
        var lastEnds: [MicroBatchID: Instant] = [:]
        for span in spans.joined() where places[span.microBatch] == nil {
            begins[span.microBatch] = min(span.begin, begins[span.microBatch] ?? span.begin)
        }
        for span in spans.last ?? [] where span.work == .layers { lastEnds[span.microBatch] = span.end }

        var stages: [[Entry]] = []
        var previousEnds: [MicroBatchID: Instant] = [:]
        for list in spans {
            var ends: [MicroBatchID: Instant] = [:]
            stages.append(
                list.map { span in
                    if span.work == .layers { ends[span.microBatch] = span.end }
                    let step = places[span.microBatch]
                    let dispatched = step.map { steps[$0].dispatched } ?? begins[span.microBatch] ?? span.begin
                    let input = span.work == .layers ? previousEnds[span.microBatch] : lastEnds[span.microBatch]
                    return Entry(span: span, step: step, dispatched: dispatched, ready: input ?? dispatched)
                })
            previousEnds = ends
        }
        self.steps = steps
        self.stages = stages
    }

    private static func spansByStage(of recording: RunRecording) -> [[StageSpan]] {
        let count = max(0, recording.stages)
        var spans = [[StageSpan]](repeating: [], count: count)
        for span in recording.spans where (0..<count).contains(span.stage.rawValue) && span.begin <= span.end {
            spans[span.stage.rawValue].append(span)
        }
        return spans
    }

    func phase(of entry: Entry) -> Phase? { entry.step.map { steps[$0].phase } }

    /// From the first span's beginning to the last span's end over all stages; nil without spans.
    var makespan: (begin: Instant, end: Instant)? {
        guard let begin = stages.joined().map(\.span.begin).min(), let end = stages.joined().map(\.span.end).max()
        else { return nil }
        return (begin, end)
    }

    /// The idle gaps of a stage in the order of time, none empty. The time is linear in the number of the stage's
    /// spans.
    func gaps(ofStage stage: Int) -> [IdleGap] {
        guard let makespan else { return [] }
        var gaps: [IdleGap] = []
        func add(_ cause: IdleCause, from begin: Instant, to end: Instant) {
            if begin < end { gaps.append(IdleGap(stage: StageID(stage), cause: cause, begin: begin, end: end)) }
        }
        let entries = stages[stage]
        let left = Self.earliestLeft(entries)
        var idleSince = makespan.begin
        var phaseOfLayers: Phase?
        for (place, entry) in entries.enumerated() {
            let begin = entry.span.begin
            let isSwitch = entry.span.work == .layers && Self.isSwitch(from: phaseOfLayers, to: phase(of: entry))
            if place == 0 {
                add(.warmUp, from: idleSince, to: begin)
            } else if isSwitch {
                add(.phaseSwitch, from: idleSince, to: begin)
            } else {
                let dispatched = min(max(left[place].dispatched, idleSince), begin)
                let ready = min(max(left[place].ready, dispatched), begin)
                add(.blocked, from: idleSince, to: dispatched)
                add(.starved, from: dispatched, to: ready)
                add(.handOver, from: ready, to: begin)
            }
            idleSince = max(idleSince, entry.span.end)
            if entry.span.work == .layers { phaseOfLayers = phase(of: entry) }
        }
        add(entries.isEmpty ? .warmUp : .drain, from: idleSince, to: makespan.end)
        return gaps
    }

    /// For each entry, the earliest dispatch and the earliest readiness among the entry and all entries after it.
    private static func earliestLeft(_ entries: [Entry]) -> [(dispatched: Instant, ready: Instant)] {
        var left = entries.map { (dispatched: $0.dispatched, ready: $0.ready) }
        for place in entries.indices.dropLast().reversed() {
            left[place].dispatched = min(left[place].dispatched, left[place + 1].dispatched)
            left[place].ready = min(left[place].ready, left[place + 1].ready)
        }
        return left
    }

    private static func isSwitch(from: Phase?, to: Phase?) -> Bool {
        switch (from, to) {
        case (.prefill, .decode), (.decode, .prefill): true
        default: false
        }
    }
}
