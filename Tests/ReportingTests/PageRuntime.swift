import Foundation
import TestTools
import Testing

/// What can run the script of a page on this machine: a Chromium without a window, or Node with the least of a document.
struct PageRuntime: CustomTestStringConvertible {
    private enum Kind { case browser, node }

    private let kind: Kind
    let path: String

    var testDescription: String { path }

    /// Both if both are there. `TIDEWAY_TEST_BROWSER` names a browser in place of the one in `PATH`; set to nothing, it
    /// means none.
    static let all: [PageRuntime] = [
        browser.map { PageRuntime(kind: .browser, path: $0) }, node.map { PageRuntime(kind: .node, path: $0) },
    ].compactMap { $0 }

    /// Node if it is there, else the browser.
    static let quickest = Array(all.suffix(1))

    static let node = find("node", "nodejs")

    static let missing: Comment = "neither Chromium nor Node is in PATH, and TIDEWAY_TEST_BROWSER names no browser"

    private static let environment = ProcessInfo.processInfo.environment

    private static var browser: String? {
        if let named = environment["TIDEWAY_TEST_BROWSER"] { return named.isEmpty ? nil : named }
        return find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    }

    private static func find(_ names: String...) -> String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        return names.lazy.flatMap { name in folders.lazy.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What `expression` comes to after the scripts of the page have run.
    func evaluate(_ expression: String, in html: String) throws -> Any {
        let folder = try TemporaryFolder()
        let output: String
        switch kind {
        case .browser:
            // A second script sees what the first declared.
            let probe = """
                <script>
                document.documentElement.textContent = "[[" + JSON.stringify(\(expression)) + "]]";
                </script></body>
                """
            let page = try folder.write("page.html", html.replacing("</body>", with: probe).utf8)
            output = try Self.run(
                path,
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile",
                    "--dump-dom", URL(filePath: page).absoluteString,
                ]
            ).output
        case .node:
            let page = try folder.write("page.html", html.utf8)
            output = try Self.run(path, [Self.fixture("run-page.js"), page, expression]).output
        }
        let begin = try #require(output.range(of: "[["), "\(path): \(output)").upperBound
        let end = try #require(output.range(of: "]]", options: .backwards)).lowerBound
        let text = String(output[begin..<end]).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        return try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    /// Runs a program to its end, a minute at most. A browser complains on its standard error all the time, Node with
    /// reason: the latter is part of the output.
    static func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = path == node ? pipe : FileHandle.nullDevice
        try process.run()
        let watchdog = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        watchdog.cancel()
        return (process.terminationStatus, output)
    }

    private static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
    }
}
