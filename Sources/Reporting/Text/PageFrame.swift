/// What all pages have in common: one self-contained file that loads nothing, and tables.
enum PageFrame {
    /// - Parameters:
    ///   - title: of the browser's tab, as text.
    ///   - hasScript: whether the page may run a script of its own. It may load nothing in either case, so that a name in
    ///     a recording could not either.
    ///   - heading, sections: markup; sections without any are left out.
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

    /// Labels and values, as text.
    /// - Parameter attributes: of the list, with a space before each.
    static func list(_ lines: [RunSummary.Line], attributes: String = "") -> String {
        let items = lines.map {
            "<div><dt>\(TextEncodings.html($0.label))</dt><dd>\(TextEncodings.html($0.value))</dd></div>"
        }
        return "<dl\(attributes)>\n\(items.joined(separator: "\n"))\n</dl>"
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
