import Foundation
import Reporting
import Testing

/// The scripts and style sheets as they stand in the checkout.
@Suite struct PageAssetTests {
    private let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Reporting/Resources").standardized

    private func names(_ ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }.sorted()
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// Files that no page has would be dead code; files that differ from what the pages have were not built.
    @Test func everyFileIsInAPage() throws {
        let timeline = TimelinePage(recording: twoStages, summary: []).html
        let simulation = SimulationPage(
            report: SimulationReport(commandLine: "", title: "", setting: [], members: [], rows: [])
        ).html
        let scripts = try names(".js")
        try #require(scripts.contains("timeline.js"))
        for name in scripts { #expect(timeline.contains(try text(name).dropLast()), "\(name)") }
        let styles = try names(".css")
        try #require(styles.contains("timeline.css"))
        for name in styles {
            let page = name == "timeline.css" ? timeline : simulation
            #expect(page.contains(try text(name).dropLast()), "\(name)")
        }
    }

    @Test func scriptsAreStrictAndLinesAreShort() throws {
        for name in try names(".js") { #expect(try text(name).hasPrefix("\"use strict\";\n"), "\(name)") }
        for name in try names(".js") + names(".css") {
            let long = try text(name).split(separator: "\n").filter { $0.count > 120 }
            #expect(long == [], "\(name)")
            #expect(try text(name).hasSuffix("\n"), "\(name)")
        }
    }

    /// Each by itself, for a message with the file and the line.
    @Test(.enabled(if: PageRuntime.node != nil, "Node is not in PATH")) func everyScriptIsJavaScript() throws {
        let node = try #require(PageRuntime.node)
        for name in try names(".js") {
            let (status, output) = try PageRuntime.run(node, ["--check", folder.appending(path: name).path])
            #expect(status == 0, "\(output)")
        }
    }
}
