/// Cuts a template's source into tokens, with Hugging Face's settings: the newline after a block tag is dropped
/// (`trim_blocks`), and so are the blanks before a block tag that begins a line (`lstrip_blocks`).
struct TemplateLexer {
    var source: [Unicode.Scalar]
    var position = 0
    var line = 1
    var tokens: [TemplateToken] = []
    /// Whether what was read last ended with a newline, or nothing was read.
    private var isLineStart = true

    /// The tokens of a template, ended by `.end`.
    static func tokens(of source: String) throws -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        while lexer.position < lexer.source.count { try lexer.readText() }
        lexer.add(.end)
        return lexer.tokens
    }

    private init(_ text: String) {
        source = []
        source.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            // All line ends are read as newlines.
            if scalar == "\n", source.last == "\r" { source.removeLast() }
            source.append(scalar)
        }
        for index in source.indices where source[index] == "\r" { source[index] = "\n" }
        if source.last == "\n" { source.removeLast() }
    }

    mutating func add(_ kind: TemplateToken.Kind) { tokens.append(TemplateToken(kind: kind, line: line)) }

    func error(_ message: String) -> ChatTemplateError {
        ChatTemplateError(.syntax, "line \(line): \(message)")
    }

    func matches(_ text: String, at index: Int) -> Bool {
        var index = index
        for scalar in text.unicodeScalars {
            guard index < source.count, source[index] == scalar else { return false }
            index += 1
        }
        return true
    }

    mutating func advance(to index: Int) {
        for scalar in source[position..<index] where scalar == "\n" { line += 1 }
        if index > position { isLineStart = source[index - 1] == "\n" }
        position = index
    }

    mutating func skipSpace() {
        var index = position
        while index < source.count, source[index].isPythonSpace { index += 1 }
        advance(to: index)
    }

    /// Reads text up to the next tag, and the tag.
    private mutating func readText() throws {
        let start = position
        var index = start
        while index < source.count, !(source[index] == "{" && isTagSecond(index + 1)) { index += 1 }
        guard index < source.count else {
            add(.text(string(start..<index)))
            advance(to: index)
            return
        }
        let kind = source[index + 1]
        let sign = index + 2 < source.count ? source[index + 2] : " "
        addText(start..<index, sign: sign, isBlock: kind != "{")
        let hasSign = sign == "-" || sign == "+"
        advance(to: index + (hasSign ? 3 : 2))
        switch kind {
        case "#": try skipComment()
        case "{":
            add(.outputBegin)
            try readExpression(isBlock: false)
        default:
            if try readRaw() { return }
            add(.blockBegin)
            try readExpression(isBlock: true)
        }
    }

    private func isTagSecond(_ index: Int) -> Bool {
        index < source.count && (source[index] == "{" || source[index] == "%" || source[index] == "#")
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: source[range])
        return String(view)
    }

    /// Adds the text before a tag, less what the tag strips.
    private mutating func addText(_ range: Range<Int>, sign: Unicode.Scalar, isBlock: Bool) {
        var end = range.upperBound
        if sign == "-" {
            while end > range.lowerBound, source[end - 1].isPythonSpace { end -= 1 }
        } else if sign != "+", isBlock {
            var lineStart = end
            while lineStart > range.lowerBound, source[lineStart - 1] != "\n" { lineStart -= 1 }
            let isWholeLine = lineStart > range.lowerBound || isLineStart
            if isWholeLine, source[lineStart..<end].allSatisfy(\.isPythonSpace) { end = lineStart }
        }
        if end > range.lowerBound { add(.text(string(range.lowerBound..<end))) }
    }

    private mutating func skipComment() throws {
        var index = position
        while index < source.count, !matches("#}", at: index) { index += 1 }
        guard index < source.count else { throw error("a comment has no end") }
        let sign = index > position ? source[index - 1] : " "
        advance(to: index + 2)
        finishTag(sign: sign, isBlock: true)
    }

    /// Drops what a tag's end strips of the text after it.
    mutating func finishTag(sign: Unicode.Scalar, isBlock: Bool) {
        if sign == "-" {
            skipSpace()
        } else if isBlock, sign != "+", position < source.count, source[position] == "\n" {
            advance(to: position + 1)
        }
    }

    /// Reads a raw block, if one begins here, after `{%` and its sign.
    private mutating func readRaw() throws -> Bool {
        guard let open = tagEnd(of: "raw", at: position) else { return false }
        advance(to: open.end)
        // The newline after a raw tag stays, unlike that after other tags.
        if open.sign == "-" { skipSpace() }
        let start = position
        var index = start
        while index < source.count {
            if matches("{%", at: index) {
                let sign = index + 2 < source.count ? source[index + 2] : " "
                let name = index + (sign == "-" || sign == "+" ? 3 : 2)
                if let close = tagEnd(of: "endraw", at: name) {
                    addText(start..<index, sign: sign, isBlock: true)
                    advance(to: close.end)
                    finishTag(sign: close.sign, isBlock: true)
                    return true
                }
            }
            index += 1
        }
        throw error("'raw' has no 'endraw'")
    }

    /// The end of a tag that consists of `name` alone, and the sign before its end.
    private func tagEnd(of name: String, at start: Int) -> (end: Int, sign: Unicode.Scalar)? {
        var index = start
        while index < source.count, source[index].isPythonSpace { index += 1 }
        guard matches(name, at: index) else { return nil }
        index += name.unicodeScalars.count
        while index < source.count, source[index].isPythonSpace { index += 1 }
        var sign: Unicode.Scalar = " "
        if matches("-%}", at: index) || matches("+%}", at: index) && name == "endraw" {
            sign = source[index]
            index += 1
        }
        return matches("%}", at: index) ? (index + 2, sign) : nil
    }
}
