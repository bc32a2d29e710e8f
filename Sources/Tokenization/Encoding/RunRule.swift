/// Finds runs of characters of one kind.
enum RunRule {
    typealias Kind = (_ value: UInt32, _ kind: CharacterClass) -> Bool

    /// The next run of at most `longest` characters of class `kind`.
    static func run(
        _ scanner: TextScanner, of kind: CharacterClass, longest: Int, from start: Int, to end: Int
    ) -> Range<Int>? {
        let first = scanner.endOfRun(without: kind, from: start, to: end)
        guard first < end else { return nil }
        var index = first
        var count = 0
        while count < longest, index < end {
            let next = scanner.character(at: index)
            guard next.kind.meets(kind) else { break }
            index += next.length
            count += 1
        }
        return first..<index
    }

    /// The next run of characters for which `matches` holds.
    @inline(__always)
    static func run(_ scanner: TextScanner, from start: Int, to end: Int, where matches: Kind) -> Range<Int>? {
        var index = start
        var first: Int?
        while index < end {
            let (value, length) = scanner.scalar(at: index)
            if matches(value, scanner.kind(of: value)) {
                if first == nil { first = index }
            } else if let first {
                return first..<index
            }
            index += length
        }
        return first.map { $0..<end }
    }

    /// The next run of characters for which `matches` holds, with the white space character before it.
    @inline(__always)
    static func spaceAndRun(
        _ scanner: TextScanner, from start: Int, to end: Int, where matches: Kind
    ) -> Range<Int>? {
        guard let found = run(scanner, from: start, to: end, where: matches) else { return nil }
        var before = found.lowerBound
        guard before > start else { return found }
        repeat { before -= 1 } while scanner.bytes[before] & 0xC0 == 0x80
        return scanner.character(at: before).kind.meets(.space) ? before..<found.upperBound : found
    }

    /// The next run of characters that are not white space.
    static func nextWord(_ scanner: TextScanner, from start: Int, to end: Int) -> Range<Int>? {
        let first = scanner.endOfRun(of: .space, from: start, to: end)
        return first < end ? first..<scanner.endOfRun(without: .space, from: first, to: end) : nil
    }

    /// The run of white space at the end.
    static func trailingSpace(_ scanner: TextScanner, from start: Int, to end: Int) -> Range<Int>? {
        var first = end
        while first > start {
            var before = first
            repeat { before -= 1 } while scanner.bytes[before] & 0xC0 == 0x80
            guard scanner.character(at: before).kind.meets(.space) else { break }
            first = before
        }
        return first < end ? first..<end : nil
    }

    /// The next three ASCII digits in a row.
    static func threeDigits(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Range<Int>? {
        var count = 0
        for index in start..<end {
            count = (0x30...0x39).contains(bytes[index]) ? count + 1 : 0
            if count == 3 { return index - 2..<index + 1 }
        }
        return nil
    }

    /// Punctuation in the wide sense: Unicode's punctuation, by the version of the reference's tables, and ASCII's
    /// symbols.
    static func isPunctuation(_ value: UInt32, _ kind: CharacterClass) -> Bool {
        if value < 0x80 { return kind.meets([.punctuation, .symbol]) }
        guard kind.meets(.punctuation), let scalar = Unicode.Scalar(value) else { return false }
        return UnicodeVersion.eight.has(scalar)
    }

    /// The punctuation that DeepSeek LLM's pre-tokenizer lists; the list's range from colon to tilde includes ASCII
    /// letters too.
    static func isListed(_ value: UInt32) -> Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x7E, 0x2018...0x201F, 0x3000...0x3002, 0xFF01...0xFF0F, 0xFF1A...0xFF5E: true
        default: false
        }
    }
}
