import Scheduling

/// A run as one HTML page that needs no network: a Gantt chart of the stages, and below it, on the same time axis, the
/// size of the micro-batches, the KV blocks in use and the live and waiting requests.
///
/// The visible window stands in the address, `#t=1.2-3.4` in seconds, so that a view can be shared. The page holds the
/// recording as compact columns (about 100 bytes a micro-batch with four stages) and merges what falls into one pixel
/// when it draws, so a run of 100,000 micro-batches stays quick.
public struct TimelinePage: Sendable {
    private let recording: RunRecording
    private let summary: [RunSummary.Line]
    private let index: SpanIndex
    private let statistics: RunStatistics

    /// `summary` is shown above the chart in the given order; any text is safe in it.
    public init(recording: RunRecording, summary: [RunSummary.Line]) {
        self.recording = recording
        self.summary = summary
        index = SpanIndex(recording)
        statistics = RunStatistics(recording: recording)
    }

    /// The whole page.
    public var html: String {
        let title = TextEncodings.html("\(recording.model), \(recording.policy)")
        let data = TimelineData(recording: recording, index: index)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(Self.contentPolicy)">
            <meta name="color-scheme" content="light dark">
            <title>Timeline: \(title)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <h1>\(TextEncodings.html(recording.model)) <small>\(TextEncodings.html(recording.policy))</small></h1>
            <dl class="summary">
            \(summaryItems)
            </dl>
            \(chart)
            \(stageTable)
            <script type="application/json" id="recording">\(data.json.compact)</script>
            <script>
            \(Self.script)
            </script>
            </body>
            </html>

            """
    }

    /// The page may load nothing, so that a name in a recording could not either.
    private static let contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

    private static let script = [dataScript, viewScript, stageScript, panelScript, hitScript, inputScript]
        .joined(separator: "\n")

    private var summaryItems: String {
        summary.map { line in
            "<div><dt>\(TextEncodings.html(line.label))</dt><dd>\(TextEncodings.html(line.value))</dd></div>"
        }.joined(separator: "\n")
    }

    /// Busy and idle time of each stage; what the chart shows, for those who cannot see it.
    private var stageTable: String {
        let makespan = statistics.makespanSeconds
        func share(_ seconds: Double) -> String {
            makespan > 0 ? Quantities.percent(seconds / makespan, digits: 1) : "–"
        }
        let causes = IdleCause.allCases.map { "<th scope=\"col\">\($0.rawValue)</th>" }.joined()
        let rows = statistics.stages.map { stage in
            let idle = IdleCause.allCases.map { "<td>\(share(stage.idle[$0]))</td>" }.joined()
            let busy = Quantities.fixed(stage.busySeconds, digits: 3)
            return "<tr><th scope=\"row\">stage \(stage.stage.rawValue)</th>"
                + "<td>\(Quantities.grouped(stage.spans))</td><td>\(busy) s</td>"
                + "<td>\(share(stage.busySeconds))</td>\(idle)</tr>"
        }.joined(separator: "\n")
        let span = Quantities.fixed(makespan, digits: 3)
        return """
            <details\(statistics.stages.count <= 8 ? " open" : "")>
            <summary>Busy and idle time of each stage, of \(span) s from the first span to the last</summary>
            <div class="scroll"><table>
            <thead><tr><td></td><th scope="col">micro-batches</th><th scope="col" colspan="2">busy</th>
            \(causes)</tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table></div>
            </details>
            """
    }

    private var chart: String {
        let phases = ["prefill", "decode", "mixed"].map { Self.legendItem(kind: $0, label: $0) }
        let causes = IdleCause.allCases.map { cause in
            Self.legendItem(kind: Self.kind(of: cause), label: cause.rawValue, title: Self.meaning(of: cause))
        }
        let count = Quantities.grouped(statistics.total.microBatches)
        return """
            <div class="bar">
            <div class="legend"><b>Busy</b>\(phases.joined())<b>Idle</b>\(causes.joined())</div>
            <div class="controls"><output id="window"></output>
            <button id="left" title="Earlier (left arrow)" aria-label="Earlier">←</button>
            <button id="right" title="Later (right arrow)" aria-label="Later">→</button>
            <button id="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
            <button id="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
            <button id="all" title="Whole run (0 or double click)">All</button></div>
            </div>
            <div id="chart" tabindex="0" role="img" aria-label="Timeline of \(count) micro-batches on
            \(statistics.stages.count) stages; the table below gives the totals.">
            <canvas id="plot"></canvas><canvas id="overlay"></canvas><div id="tip" hidden></div>
            </div>
            <p class="hint">Drag to zoom into a stretch, turn the wheel to zoom, shift and wheel to move, double click
            for the whole run. Where several micro-batches share a pixel, its column is divided by their shares of the
            time; at that distance the panels show the largest micro-batch of each phase.</p>
            <noscript><p>The chart needs JavaScript; the table below does not.</p></noscript>
            """
    }

    private static func legendItem(kind: String, label: String, title: String = "") -> String {
        "<span title=\"\(title)\"><i style=\"background:var(--\(kind))\"></i>\(label)</span>"
    }

    /// The names of the style sheet's colours.
    private static func kind(of cause: IdleCause) -> String {
        switch cause {
        case .warmUp: "warm-up"
        case .starved: "starved"
        case .handover: "handover"
        case .phaseSwitch: "switch"
        case .drain: "drain"
        }
    }

    private static func meaning(of cause: IdleCause) -> String {
        switch cause {
        case .warmUp: "before the first micro-batch of the stage"
        case .starved: "the next input is still with the previous stage, or not yet dispatched"
        case .handover: "the next input is ready and on its way"
        case .phaseSwitch: "between micro-batches of different phases"
        case .drain: "after the last micro-batch of the stage"
        }
    }
}
