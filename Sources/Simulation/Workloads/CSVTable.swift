/// A small table of numbers as CSV text: a line of headings, then a line per row. Quotes are not supported.
struct CSVTable {
    let columns: [String]
    let rows: [Row]

    struct Row {
        /// The line number in the text, from 1.
        let line: Int
        fileprivate let cells: [Substring]
    }

    /// Empty lines are skipped, and carriage returns at line ends ignored.
    /// - Throws: `malformed_text` without headings, and for a row whose number of cells is not that of the headings.
    init(_ text: String) throws(SimulationError) {
        var columns: [String]?
        var rows: [Row] = []
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
            guard !line.isEmpty else { continue }
            let cells = line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
                Substring($0)
            }
            guard let columns else {
                columns = cells.map(String.init)
                continue
            }
            guard cells.count == columns.count else {
                throw SimulationError(
                    .malformedText,
                    "line \(index + 1) has \(cells.count) cells; the headings have \(columns.count)")
            }
            rows.append(Row(line: index + 1, cells: cells))
        }
        guard let columns else { throw SimulationError(.malformedText, "a table has no line of headings") }
        self.columns = columns
        self.rows = rows
    }

    /// The index of a column.
    /// - Throws: `malformed_text` with the columns that there are.
    func place(of column: String) throws(SimulationError) -> Int {
        guard let place = columns.firstIndex(of: column) else {
            throw SimulationError(
                .malformedText, "line 1: there is no column \(column) among \(columns.joined(separator: ", "))")
        }
        return place
    }

    func integer(_ row: Row, _ column: Int, in range: ClosedRange<Int>) throws(SimulationError) -> Int {
        guard let value = Int(row.cells[column]), range.contains(value) else {
            throw malformed(row, column, "a whole number in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    func number(_ row: Row, _ column: Int, in range: ClosedRange<Double>) throws(SimulationError) -> Double {
        guard let value = Double(row.cells[column]), range.contains(value) else {
            throw malformed(row, column, "a number in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    private func malformed(_ row: Row, _ column: Int, _ needed: String) -> SimulationError {
        SimulationError(
            .malformedText,
            "line \(row.line): \(columns[column]) is '\(row.cells[column].prefix(40))'; \(needed) is needed")
    }
}
