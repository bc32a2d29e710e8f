import Foundation
import Reporting
import Scheduling
import TestTools
import Testing

private let browser = ProcessInfo.processInfo.environment["TIDEWAY_TEST_BROWSER"] ?? ""

/// Runs the page in a browser without a window. `TIDEWAY_TEST_BROWSER` names a Chromium; without it these are skipped.
@Suite(.enabled(if: !browser.isEmpty, "TIDEWAY_TEST_BROWSER names no browser"))
struct TimelineScriptTests {
    /// What `expression` comes to after the page's script has run.
    private func evaluate(_ expression: String, in html: String) throws -> Any {
        let folder = try TemporaryFolder()
        let probe = """
            <script>
            document.documentElement.textContent = "[[" + JSON.stringify(\(expression)) + "]]";
            </script></body>
            """
        let page = URL(filePath: try folder.write("page.html", html.replacing("</body>", with: probe).utf8))
        let process = Process()
        process.executableURL = URL(filePath: browser)
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile", "--dump-dom",
            page.absoluteString,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let begin = try #require(output.range(of: "[[")).upperBound
        let end = try #require(output.range(of: "]]", options: .backwards)).lowerBound
        let text = String(output[begin..<end])
        return try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    /// Seconds of each of the script's kinds on each stage, over the whole run.
    private let totals = """
        stages.map((stage) => Object.fromEntries([...shares(stage, run.begin, run.end, 1)].map((share, kind) =>
            [kinds[kind], share * (run.end - run.begin) * source.secondsPerTick])))
        """

    @Test func theScriptFindsTheCausesThatTheStatisticsFind() throws {
        for recording in [sharedHead, twoStages, SimulatedRun(requests: 80, stages: 3).recording] {
            let html = TimelinePage(recording: recording, summary: []).html
            let found = try #require(try evaluate(totals, in: html) as? [[String: Double]])
            let statistics = RunStatistics(recording: recording)
            try #require(found.count == statistics.stages.count)
            // Ticks of a microsecond at most, on each edge of each span.
            let tolerance = 4e-6 * Double(recording.spans.count)
            for (stage, kinds) in zip(statistics.stages, found) {
                for cause in IdleCause.allCases {
                    let seconds = try #require(kinds[cause == .phaseSwitch ? "switch" : cause.rawValue])
                    #expect((seconds - stage.idle[cause]).magnitude < tolerance, "\(stage.stage), \(cause)")
                }
                let head = try #require(kinds["head"])
                #expect((head - stage.headSeconds).magnitude < tolerance)
            }
        }
    }

    @Test func aLongRunIsDrawnMergedAndAShortOneSpanBySpan() throws {
        func isMerged(_ recording: RunRecording) throws -> Bool {
            let html = TimelinePage(recording: recording, summary: []).html
            let found = try evaluate("stages.some(isMerged)", in: html)
            let isMerged: Bool? = found as? Bool
            return try #require(isMerged as Bool?)
        }
        #expect(try isMerged(SimulatedRun(requests: 2000, stages: 4, limit: 20_000).recording))
        #expect(try !isMerged(sharedHead))
    }
}
