import Scheduling

/// A recording's spans sorted by stage, with what each needs from the steps and from the stage before it.
struct SpanIndex {
    struct Entry {
        let span: StageSpan
        /// Place of the micro-batch's record in `steps`; nil if the run ended before it retired.
        let step: Int?
        /// When the input was there; nil if neither the previous stage nor a step record tells.
        let ready: Instant?
    }

    /// The step records in the order of micro-batch numbers.
    let steps: [StepRecord]
    /// One list a stage, in the order of execution. Spans of stages that the run does not have are left out.
    let stages: [[Entry]]

    init(_ recording: RunRecording) {
        let steps = recording.steps.sorted { $0.microBatch < $1.microBatch }
        var places: [MicroBatchID: Int] = [:]
        for (place, step) in steps.enumerated() { places[step.microBatch] = place }

        let count = max(0, recording.stages)
        var spans = [[StageSpan]](repeating: [], count: count)
        for span in recording.spans where (0..<count).contains(span.stage.rawValue) && span.begin <= span.end {
            spans[span.stage.rawValue].append(span)
        }
        var stages: [[Entry]] = []
        var previousEnds: [MicroBatchID: Instant] = [:]
        for list in spans {
            var ends: [MicroBatchID: Instant] = [:]
            stages.append(
                list.map { span in
                    ends[span.microBatch] = span.end
                    let step = places[span.microBatch]
                    let ready = previousEnds[span.microBatch] ?? step.map { steps[$0].dispatched }
                    return Entry(span: span, step: step, ready: ready)
                })
            previousEnds = ends
        }
        self.steps = steps
        self.stages = stages
    }

    func phase(of entry: Entry) -> Phase? { entry.step.map { steps[$0].phase } }

    /// From the first span's beginning to the last span's end over all stages; nil without spans.
    var makespan: (begin: Instant, end: Instant)? {
        guard let begin = stages.joined().map(\.span.begin).min(), let end = stages.joined().map(\.span.end).max()
        else { return nil }
        return (begin, end)
    }

    /// The idle stretches of a stage in the order of time, none of them empty.
    func gaps(ofStage stage: Int) -> [IdleGap] {
        guard let makespan else { return [] }
        var gaps: [IdleGap] = []
        func add(_ cause: IdleCause, from begin: Instant, to end: Instant) {
            if begin < end { gaps.append(IdleGap(stage: StageID(stage), cause: cause, begin: begin, end: end)) }
        }
        guard let first = stages[stage].first else {
            add(.warmUp, from: makespan.begin, to: makespan.end)
            return gaps
        }
        add(.warmUp, from: makespan.begin, to: first.span.begin)
        var previous = first
        var idleSince = first.span.end
        for entry in stages[stage].dropFirst() {
            if phase(of: previous) != phase(of: entry) {
                add(.phaseSwitch, from: idleSince, to: entry.span.begin)
            } else {
                let ready = min(max(entry.ready ?? entry.span.begin, idleSince), entry.span.begin)
                add(.starved, from: idleSince, to: ready)
                add(.handover, from: max(ready, idleSince), to: entry.span.begin)
            }
            idleSince = max(idleSince, entry.span.end)
            previous = entry
        }
        add(.drain, from: idleSince, to: makespan.end)
        return gaps
    }
}
