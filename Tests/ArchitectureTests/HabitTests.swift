import Testing

@Suite struct HabitTests {
    private let sources =
        Repository.files(under: "Sources", "swift", "c", "h", "js", "css")
        + Repository.files(under: "Tests", "swift", "js") + Repository.files(under: "Fuzzing", "swift")

    @Test func filesAreSmall() throws {
        let sizes = try sources.map { (lines: try Repository.text($0).count { $0.isNewline }, file: $0) }
            .sorted { $0.lines < $1.lines }
        #expect(sizes.count > 100)
        let median = sizes[sizes.count / 2].lines
        let long = sizes.filter { $0.lines > 400 }.map { "\($0.file) (\($0.lines))" }
        print("\(sizes.count) files, \(median) lines in the median; above 400: \(long.joined(separator: ", "))")
        #expect(median <= 150)
        #expect(long.count <= 3, "\(long)")
        for size in sizes { #expect(size.lines <= 800, "\(size.file) has \(size.lines) lines") }
    }

    @Test func nothingIsLeftForLater() throws {
        // Put together here, so that this file is not found.
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "fatalError(\"not " + "implemented", "un" + "implemented"]
        let others = ["Makefile", "Package.swift", "README.md"] + Repository.files(under: "docs", "md")
        for file in sources + others + Repository.files(under: "Scripts", "py") {
            let text = try Repository.text(file)
            for mark in marks {
                let isFound = text.ranges(of: mark).contains { range in
                    // "mkstemp" templates are runs of the same letter.
                    let next = text[range.upperBound...].first
                    let previous = text[..<range.lowerBound].last
                    return !(next?.isLetter ?? false) && !(previous?.isLetter ?? false)
                }
                #expect(!isFound, "\(file) says \(mark)")
            }
        }
    }
}
