/// Cuts a template's source into tokens, with Hugging Face's settings: the newline after a block tag is dropped
/// (`trim_blocks`), and so are the blanks before a block tag that begins a line (`lstrip_blocks`).
struct TemplateLexer {
    private var source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether the last text or tag read ended with a newline, or nothing was read.
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

    private mutating func add(_ kind: TemplateToken.Kind) { tokens.append(TemplateToken(kind: kind, line: line)) }

    private func error(_ message: String) -> ChatTemplateError {
        ChatTemplateError(.syntax, "line \(line): \(message)")
    }

    private func matches(_ text: String, at index: Int) -> Bool {
        var index = index
        for scalar in text.unicodeScalars {
            guard index < source.count, source[index] == scalar else { return false }
            index += 1
        }
        return true
    }

    private mutating func advance(to index: Int) {
        for scalar in source[position..<index] where scalar == "\n" { line += 1 }
        if index > position { isLineStart = source[index - 1] == "\n" }
        position = index
    }

    private mutating func skipSpace() {
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

    /// Adds the text before a tag, without the blanks that the tag strips.
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

    /// Drops the part of the following text that a tag's end strips.
    private mutating func finishTag(sign: Unicode.Scalar, isBlock: Bool) {
        if sign == "-" {
            skipSpace()
        } else if isBlock, sign != "+", position < source.count, source[position] == "\n" {
            advance(to: position + 1)
        }
    }

    /// Reads a raw block, if one begins here, after `{%` and its sign; else returns false.
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

    // MARK: - Tags

    private static let symbols = [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";",
    ]

    /// Reads the tokens of a tag, and its end.
    private mutating func readExpression(isBlock: Bool) throws {
        let end = isBlock ? "%}" : "}}"
        var open: [Unicode.Scalar] = []
        while position < source.count {
            if open.isEmpty, let sign = endSign(end, allowsPlus: isBlock) {
                advance(to: position + (sign == " " ? 2 : 3))
                add(isBlock ? .blockEnd : .outputEnd)
                finishTag(sign: sign, isBlock: isBlock)
                return
            }
            let scalar = source[position]
            if scalar.isPythonSpace {
                skipSpace()
            } else if scalar == "'" || scalar == "\"" {
                try readString(quote: scalar)
            } else if Self.isDigit(scalar) {
                try readNumber()
            } else if Self.isNameScalar(scalar) {
                readName()
            } else {
                try readSymbol(&open)
            }
        }
        throw error(isBlock ? "a block tag has no '%}'" : "an output tag has no '}}'")
    }

    /// The sign before the tag's end, if the end is here; a space for no sign.
    private func endSign(_ end: String, allowsPlus: Bool) -> Unicode.Scalar? {
        if matches(end, at: position) { return " " }
        guard matches(end, at: position + 1) else { return nil }
        let sign = source[position]
        return sign == "-" || (allowsPlus && sign == "+") ? sign : nil
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || (scalar.value >= 0x80 && scalar.properties.isXIDContinue)
    }

    private mutating func readName() {
        var name = String.UnicodeScalarView()
        while position < source.count, Self.isNameScalar(source[position]) {
            name.append(source[position])
            position += 1
        }
        add(.name(String(name)))
    }

    private mutating func readSymbol(_ open: inout [Unicode.Scalar]) throws {
        guard let symbol = Self.symbols.first(where: { matches($0, at: position) }) else {
            throw error("unexpected character '\(source[position])'")
        }
        let closing: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]
        if let close = closing[source[position]] {
            open.append(close)
        } else if ")]}".unicodeScalars.contains(source[position]) {
            guard open.popLast() == source[position] else { throw error("unexpected '\(symbol)'") }
        }
        add(.symbol(symbol))
        position += symbol.unicodeScalars.count
    }

    /// Reads an integer (also binary, octal, hexadecimal) or a decimal fraction; underscores may separate the digits.
    private mutating func readNumber() throws {
        var text = ""
        func digit(_ index: Int, _ isDigit: (Unicode.Scalar) -> Bool) -> Bool {
            guard index < source.count else { return false }
            return isDigit(source[index]) || source[index] == "_"
        }
        if source[position] == "0", position + 1 < source.count,
            let radix = ["b": 2, "o": 8, "x": 16][String(source[position + 1]).lowercased()]
        {
            position += 2
            while digit(position, { $0.properties.isASCIIHexDigit }) { take(&text) }
            guard let value = Int(text, radix: radix) else { throw error("'\(text)' is no 64-bit integer") }
            return add(.integer(value))
        }
        while digit(position, Self.isDigit) { take(&text) }
        var isInteger = true
        if matches(".", at: position), digit(position + 1, Self.isDigit), position + 1 < source.count,
            Self.isDigit(source[position + 1])
        {
            isInteger = false
            take(&text)
            while digit(position, Self.isDigit) { take(&text) }
        }
        if let exponent = exponentStart() {
            isInteger = false
            while position < exponent { take(&text) }
            while digit(position, Self.isDigit) { take(&text) }
        }
        if isInteger {
            guard let value = Int(text) else { throw error("\(text) exceeds 64 bits") }
            add(.integer(value))
        } else {
            guard let value = Double(text) else { throw error("'\(text)' is no number") }
            add(.number(value))
        }
    }

    private mutating func take(_ text: inout String) {
        if source[position] != "_" { text.unicodeScalars.append(source[position]) }
        position += 1
    }

    /// Where the digits of an exponent start, if one follows.
    private func exponentStart() -> Int? {
        guard matches("e", at: position) || matches("E", at: position) else { return nil }
        var index = position + 1
        if matches("+", at: index) || matches("-", at: index) { index += 1 }
        return index < source.count && Self.isDigit(source[index]) ? index : nil
    }

    private mutating func readString(quote: Unicode.Scalar) throws {
        let startLine = line
        var text = String.UnicodeScalarView()
        advance(to: position + 1)
        while position < source.count, source[position] != quote {
            if source[position] == "\\" {
                try readEscape(&text)
            } else {
                text.append(source[position])
                advance(to: position + 1)
            }
        }
        guard position < source.count else { throw error("the string that starts on line \(startLine) has no end") }
        advance(to: position + 1)
        tokens.append(TemplateToken(kind: .string(String(text)), line: startLine))
    }

    /// Reads one of Python's escapes; a backslash before any other character is kept as it is.
    private mutating func readEscape(_ text: inout String.UnicodeScalarView) throws {
        guard position + 1 < source.count else { throw error("a string ends in a backslash") }
        let letter = source[position + 1]
        advance(to: position + 2)
        let simple: [Unicode.Scalar: Unicode.Scalar] = [
            "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}",
            "f": "\u{C}", "v": "\u{B}",
        ]
        if let scalar = simple[letter] { return text.append(scalar) }
        switch letter {
        case "\n": return
        case "x": try text.append(readCode(digits: 2, radix: 16, exactly: true))
        case "u": try text.append(readCode(digits: 4, radix: 16, exactly: true))
        case "U": try text.append(readCode(digits: 8, radix: 16, exactly: true))
        case "0"..."7":
            position -= 1
            try text.append(readCode(digits: 3, radix: 8, exactly: false))
        default:
            text.append("\\")
            text.append(letter)
        }
    }

    private mutating func readCode(digits: Int, radix: Int, exactly: Bool) throws -> Unicode.Scalar {
        var code = ""
        while code.count < digits, position < source.count, source[position].isASCII,
            Int(String(source[position]), radix: radix) != nil
        {
            take(&code)
        }
        guard !exactly || code.count == digits, let value = UInt32(code, radix: radix),
            let scalar = Unicode.Scalar(value)
        else { throw error("the escape '\(code)' names no character") }
        return scalar
    }
}
