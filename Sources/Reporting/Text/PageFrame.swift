/// The frame of all pages: one self-contained file that loads nothing, and its tables.
enum PageFrame {
    /// - Parameters:
    ///   - title: the title of the browser's tab, as text.
    ///   - hasScript: whether the page may run its own script. In either case the page may load nothing, so that a name
    ///     in a recording cannot load anything either.
    ///   - heading, sections: markup; empty sections are left out.
    static func page(
        title: String, style: String = PageAssets.simulationStyle, hasScript: Bool = false, heading: String,
        sections: [String]
    ) -> String {
        let policy = "default-src 'none'; style-src 'unsafe-inline'" + (hasScript ? "; script-src 'unsafe-inline'" : "")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="color-scheme" content="light dark">
            <title>\(TextEncodings.html(title))</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            <h1>\(heading)</h1>
            \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    /// A list of labels and values, given as text.
    /// - Parameter attributes: attributes of the list element, with a space before each.
    static func list(_ lines: [RunSummary.Line], attributes: String = "") -> String {
        let items = lines.map {
            "<div><dt>\(TextEncodings.html($0.label))</dt><dd>\(TextEncodings.html($0.value))</dd></div>"
        }
        return "<dl\(attributes)>\n\(items.joined(separator: "\n"))\n</dl>"
    }

    /// A table of text whose first `naming` columns name the row.
    static func table(header: [String], rows: [[String]], naming: Int = 1) -> String {
        let head = header.enumerated().map { place, title in
            place < naming
                ? "<th scope=\"col\" style=\"text-align:left\">\(TextEncodings.html(title))</th>"
                : "<th scope=\"col\">\(TextEncodings.html(title))</th>"
        }
        let body = rows.map { row in
            let cells = row.enumerated().map { place, cell in
                let text = TextEncodings.html(cell)
                return place < naming ? "<th scope=\"row\">\(text)</th>" : "<td>\(text)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<div class=\"scroll\"><table>\n<thead><tr>\(head.joined())</tr></thead>\n<tbody>\n"
            + body.joined(separator: "\n") + "\n</tbody>\n</table></div>"
    }

    static func hint(_ text: String) -> String { "<p class=\"hint\">\(TextEncodings.html(text))</p>" }
}
