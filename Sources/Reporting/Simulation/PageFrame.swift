/// What the pages of simulations have in common: one self-contained file without script, and tables.
enum PageFrame {
    /// - Parameters:
    ///   - title: of the browser's tab, as text.
    ///   - heading, sections: markup.
    static func page(title: String, heading: String, sections: [String]) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(TextEncodings.html(title))</title>
        <style>
        \(BenchmarkPage.style)
        \(LinePlot.styles)
        h2 { margin: 22px 0 8px; font-size: 16px; font-weight: 600; }
        td.text { text-align: left; }
        </style>
        </head>
        <body>
        <h1>\(heading)</h1>
        \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
        </body>
        </html>

        """
    }

    /// Labels and values, as text.
    static func list(_ lines: [RunSummary.Line]) -> String {
        let items = lines.map {
            "<div><dt>\(TextEncodings.html($0.label))</dt><dd>\(TextEncodings.html($0.value))</dd></div>"
        }
        return "<dl>\n\(items.joined(separator: "\n"))\n</dl>"
    }

    /// A table of text whose first columns name the row.
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
