/// What the documents of a checkout say in code: spans between backticks and lines of fenced blocks.
struct Documents {
    struct Snippet {
        let file: String
        let text: String
        /// A line of a fenced block (with the lines that a backslash joins to it); else a span in a sentence.
        let isCommand: Bool
    }
    let snippets: [Snippet]

    init(_ files: [String]) throws {
        snippets = try files.flatMap { try Self.snippets(of: Repository.text($0), file: $0) }
    }

    static func snippets(of text: String, file: String) -> [Snippet] {
        var found: [Snippet] = []
        var isFenced = false
        var open = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                let isContinued = line.hasSuffix("\\")
                open += isContinued ? line.dropLast() : line
                if isContinued { continue }
                found.append(Snippet(file: file, text: open, isCommand: true))
                open = ""
            } else {
                for span in line.matches(of: /`([^`]+)`/) {
                    found.append(Snippet(file: file, text: String(span.1), isCommand: false))
                }
            }
        }
        return found
    }
}

extension Documents.Snippet {
    /// The words of the commands in it: up to a comment, cut at `&&`, `;` and `|`, without assignments in front.
    var commands: [[Substring]] {
        let code = text.firstRange(of: " #").map { text[..<$0.lowerBound] } ?? text[...]
        let separators: Set<Substring> = ["&&", ";", "|"]
        return code.split { $0 == " " }.split { separators.contains($0) }.map { words in
            Array(words.drop { $0.contains(/^[A-Z_]+=/) || $0 == "$" })
        }
    }
}
