import Reporting

/// The paths of a benchmark's timelines: one file for one policy, else a file per policy in the same folder, with the
/// policy in its name.
struct TimelineFiles {
    private let byLabel: [(label: String, path: String)]

    init(_ path: String?, labels: [String]) {
        guard let path else {
            byLabel = []
            return
        }
        guard labels.count > 1 else {
            byLabel = labels.map { ($0, path) }
            return
        }
        let isPage = path.hasSuffix(".html")
        let stem = isPage ? String(path.dropLast(5)) : path
        byLabel = labels.map { ($0, stem + "-" + Self.word($0) + (isPage ? ".html" : "")) }
    }

    /// The paths, in the order of the policies.
    var paths: [String] { byLabel.map(\.path) }

    /// The path for a policy; nil if no timeline was asked for.
    func path(of label: String) -> String? { byLabel.first { $0.label == label }?.path }

    func write(_ recording: BenchmarkPage.Recording, of report: BenchmarkReport) throws {
        guard let path = path(of: recording.label) else { return }
        let run = report.runs.first { $0.label == recording.label }
        let page = TimelinePage(recording: recording.recording, summary: run?.figures.lines() ?? [])
        try writeFile(path, page.html)
    }

    /// A label without characters that file names should not have.
    private static func word(_ label: String) -> String {
        String(label.map { $0.isLetter || $0.isNumber || "-.=+".contains($0) ? $0 : "_" })
    }
}
