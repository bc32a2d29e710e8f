/// DeepSeek V3's words. In order of precedence:
/// - an ASCII punctuation character or symbol and the ASCII letters after it
/// - `[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+`
/// - ` ?[\p{P}\p{S}]+[\r\n]*`
/// - `\s*[\r\n]+`, `\s+(?!\S)`, `\s+`
///
/// Other characters, such as digits, belong to no word.
enum DeepSeekV3Rule {
    private static let word: CharacterClass = [.letter, .mark]
    private static let sign: CharacterClass = [.punctuation, .symbol]

    /// The first word at or after `start`.
    static func nextMatch(_ scanner: TextScanner, from start: Int, to end: Int) -> Range<Int>? {
        var index = start
        while index < end {
            let first = scanner.character(at: index)
            if let wordEnd = endOfWord(scanner, from: index, first: first, to: end) { return index..<wordEnd }
            index += first.length
        }
        return nil
    }

    @inline(__always)
    private static func endOfWord(
        _ scanner: TextScanner, from start: Int, first: (kind: CharacterClass, length: Int), to end: Int
    ) -> Int? {
        let afterFirst = start + first.length
        if first.kind.meets(word) { return scanner.endOfRun(of: word, from: afterFirst, to: end) }
        if first.kind.meets(sign) {
            if first.length == 1, afterFirst < end, isLetter(scanner.bytes[afterFirst]) {
                return endOfLetters(scanner.bytes, from: afterFirst, to: end)
            }
            return endOfSigns(scanner, from: afterFirst, to: end)
        }
        if afterFirst < end, !first.kind.meets(.lineBreak) {
            let second = scanner.character(at: afterFirst)
            if second.kind.meets(word) {
                return scanner.endOfRun(of: word, from: afterFirst + second.length, to: end)
            }
            if scanner.bytes[start] == 0x20, second.kind.meets(sign) {
                return endOfSigns(scanner, from: afterFirst + second.length, to: end)
            }
        }
        guard first.kind.meets(.space) else { return nil }
        let run = scanner.whiteSpace(from: start, to: end)
        if let lineBreakEnd = run.lineBreakEnd { return lineBreakEnd }
        return run.end == end || run.last == start ? run.end : run.last
    }

    private static func endOfSigns(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        let signs = scanner.endOfRun(of: sign, from: start, to: end)
        return scanner.endOfRun(of: .lineBreak, from: signs, to: end)
    }

    private static func endOfLetters(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, isLetter(bytes[index]) { index += 1 }
        return index
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
