import Scheduling

/// A run as one HTML page that needs no network: a Gantt chart of the stages with the phase switches and the trials of
/// policies, and below it, on the same time axis, the size of the micro-batches, the KV blocks in use and predicted, and the live and waiting
/// requests; then the shares of the time, the trials and the first switches as tables.
///
/// The address holds the visible window, `#t=1.2-3.4` in seconds, so that a view can be shared. The page holds the
/// recording as packed columns (about 100 bytes per micro-batch with four stages) and merges spans that fall into one
/// pixel when it draws, so a run of 100,000 micro-batches stays quick.
package struct TimelinePage: Sendable {
    private let recording: RunRecording
    private let summary: [RunSummary.Line]
    private let index: SpanIndex
    private let statistics: RunStatistics

    /// `summary` is shown above the chart in the given order; any text is safe in it.
    package init(recording: RunRecording, summary: [RunSummary.Line]) {
        self.recording = recording
        self.summary = summary
        index = SpanIndex(recording)
        statistics = RunStatistics(recording: recording)
    }

    /// The whole page.
    package var html: String {
        let data = TimelineData(recording: recording, index: index)
        let tables = TimelineTables(steps: index.steps, statistics: statistics)
        return PageFrame.page(
            title: "Timeline: \(recording.model), \(recording.policy)", style: PageAssets.timelineStyle,
            hasScript: true,
            heading: "\(TextEncodings.html(recording.model)) <small>\(TextEncodings.html(recording.policy))</small>",
            sections: [
                PageFrame.list(summary + derivedLines, attributes: " class=\"summary\""), chart, tables.stages,
                tables.trials, tables.switches,
                "<script type=\"application/json\" id=\"recording\">\(data.json.compact)</script>",
                "<script>\n\(PageAssets.timelineScript)\n</script>",
            ])
    }

    /// Figures that need the recording.
    private var derivedLines: [RunSummary.Line] {
        var lines: [RunSummary.Line] = []
        if let ratio = statistics.wallOverBound {
            lines.append(.init(label: "wall time over the bound", value: Quantities.fixed(ratio, digits: 3)))
        }
        let imbalance = statistics.imbalance
        if imbalance.microBatches > 0, statistics.stages.count > 1 {
            let time = Quantities.percent(imbalance.imbalance.time, digits: 1)
            let sequences = Quantities.percent(imbalance.imbalance.sequences, digits: 1)
            lines.append(.init(label: "decode imbalance, time / sequences", value: "\(time) / \(sequences)"))
        }
        return lines
    }

    private var chart: String {
        let busy = ["prefill", "decode", "mixed", "head"].map {
            Self.legendItem(kind: $0, label: $0 == "head" ? "head share" : $0)
        }
        let causes = IdleCause.allCases.map { cause in
            Self.legendItem(kind: Self.kind(of: cause), label: cause.rawValue, title: Self.meaning(of: cause))
        }
        let count = Quantities.grouped(statistics.total.microBatches)
        return """
            <div class="bar">
            <div class="legend"><b>Busy</b>\(busy.joined())<b>Idle</b>\(causes.joined())</div>
            <div class="controls"><output id="window"></output>
            <button id="left" title="Earlier (left arrow)" aria-label="Earlier">←</button>
            <button id="right" title="Later (right arrow)" aria-label="Later">→</button>
            <button id="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
            <button id="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
            <button id="all" title="Whole run (0 or double click)">All</button></div>
            </div>
            <div id="chart" tabindex="0" role="img" aria-label="Timeline of \(count) micro-batches on
            \(statistics.stages.count) stages; the tables below give the totals.">
            <canvas id="plot"></canvas><canvas id="overlay"></canvas><div id="tip" hidden></div>
            </div>
            <p class="hint">Drag to zoom into a stretch, turn the wheel to zoom, shift and wheel to move, double click
            for the whole run. Flags mark the phase switches, diamonds the trials of policies (filled where
            another policy goes on); point at one for its figures. Where several micro-batches
            share a pixel, its column is divided by their shares of the time; at that distance the panels show the
            largest micro-batch of each phase.</p>
            <noscript><p>The chart needs JavaScript; the tables below do not.</p></noscript>
            """
    }

    private static func legendItem(kind: String, label: String, title: String = "") -> String {
        "<span data-kind=\"\(kind)\" title=\"\(title)\"><i style=\"background:var(--\(kind))\"></i>\(label)</span>"
    }

    /// The name of a cause's colour in the style sheet.
    private static func kind(of cause: IdleCause) -> String { cause == .phaseSwitch ? "switch" : cause.rawValue }

    private static func meaning(of cause: IdleCause) -> String {
        switch cause {
        case .warmUp: "before the first micro-batch of the stage"
        case .starved: "what this stage needs is still being computed by another one"
        case .blocked: "no micro-batch exists that this stage has not done its part of"
        case .phaseSwitch: "between prefill and decode"
        case .handOver: "work is ready and on its way"
        case .drain: "after the last work of the stage"
        }
    }
}
