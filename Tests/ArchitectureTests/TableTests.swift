import Foundation
import Testing

/// Figures in documents are those of stored runs.
@Suite struct TableTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"]
        .first(where: FileManager.default.isExecutableFile)

    @Test(.enabled(if: python != nil, "there is no python3"))
    func tablesOfSimulatedFiguresAreThoseOfTheirRuns() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = ["Scripts/docs_tables.py", "--check"]
        process.currentDirectoryURL = Repository.root
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(message)")
    }
}
