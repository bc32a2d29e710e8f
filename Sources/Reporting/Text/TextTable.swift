/// A table for a terminal. Columns of numbers are set flush right, all others flush left.
package struct TextTable: Sendable, Hashable {
    /// One cell per column; empty for a table without a heading.
    package var header: [String]
    /// Rows may be shorter or longer than the heading; missing cells are blank.
    package var rows: [[String]]

    package init(header: [String] = [], rows: [[String]] = []) {
        self.header = header
        self.rows = rows
    }

    /// The table with a newline after each line. Columns are two spaces apart and as wide as their widest cell; a rule
    /// is drawn under the heading. Line breaks and other control characters within cells become spaces.
    package func rendered(style: TextStyle = .unicode, indent: Int = 0) -> String {
        let header = header.map(Self.onOneLine)
        let rows = rows.map { $0.map(Self.onOneLine) }
        let columns = max(header.count, rows.map(\.count).max() ?? 0)
        var widths = [Int](repeating: 0, count: columns)
        for row in [header] + rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.displayWidth) }
        }
        let numeric = (0..<columns).map { column in
            let cells = rows.compactMap { column < $0.count && !$0[column].isEmpty ? $0[column] : nil }
            return !cells.isEmpty && cells.allSatisfy(Self.isNumeric)
        }
        let margin = String(repeating: " ", count: max(0, indent))
        func line(_ row: [String]) -> String {
            var text = ""
            for column in 0..<columns {
                let cell = column < row.count ? row[column] : ""
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                text += (column > 0 ? "  " : "") + (numeric[column] ? padding + cell : cell + padding)
            }
            while text.last == " " { text.removeLast() }
            return text.isEmpty ? "\n" : margin + text + "\n"
        }
        var text = ""
        if !header.isEmpty {
            text += line(header)
            text += line(widths.map { String(repeating: style.rule, count: $0) })
        }
        return rows.reduce(into: text) { $0 += line($1) }
    }

    /// Whether a cell starts like a number, with or without a unit after it. A lone dash is a missing number.
    private static func isNumeric(_ cell: String) -> Bool {
        if cell == "-" || cell == "–" { return true }
        let digits = cell.drop { "+-−≤≥<>~".contains($0) }
        return digits.first.map { $0.isASCII && $0.isWholeNumber } ?? false
    }

    /// `cell` with every control character, line breaks included, replaced by a space.
    static func onOneLine(_ cell: String) -> String {
        let isPlain = cell.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard !isPlain else { return cell }
        return String(
            String.UnicodeScalarView(
                cell.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
