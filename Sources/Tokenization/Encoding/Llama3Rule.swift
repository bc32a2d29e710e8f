/// The words of Llama 3, Qwen 2 and Qwen 3.5, which differ in the most digits of a number and in whether marks belong
/// to words. In order of precedence, where `\p{L}` means `[\p{L}\p{M}]` if marks belong to words:
/// - `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
/// - `[^\r\n\p{L}\p{N}]?\p{L}+`, in which the first character may be a mark
/// - `\p{N}{1,n}`
/// - ` ?[^\s\p{L}\p{N}]+[\r\n]*`
/// - `\s*[\r\n]+`, `\s+(?!\S)`, `\s+`
struct Llama3Rule {
    /// The most digits of one word.
    let longestNumber: Int
    /// The characters of words: letters, or letters and marks.
    let word: CharacterClass

    init(longestNumber: Int, marksInWords: Bool = false) {
        self.longestNumber = longestNumber
        word = marksInWords ? [.letter, .mark] : .letter
    }

    /// The end of the word that starts at `start`; `end` is the end of the text. Needs `start < end`.
    @inline(__always)
    func endOfWord(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        if let contraction = Contraction.end(scanner.bytes, from: start, to: end, ignoringCase: true) {
            return contraction
        }
        let first = scanner.character(at: start)
        let afterFirst = start + first.length
        if first.kind.meets(word) { return scanner.endOfRun(of: word, from: afterFirst, to: end) }
        if first.kind.meets(.number) { return endOfNumber(scanner, from: afterFirst, to: end) }
        if first.kind.meets(.lineBreak) { return endOfWhiteSpace(scanner, from: start, to: end) }
        guard afterFirst < end else { return end }
        let second = scanner.character(at: afterFirst)
        if second.kind.meets(word) {
            return scanner.endOfRun(of: word, from: afterFirst + second.length, to: end)
        }
        if !first.kind.meets(.space) { return endOfSymbols(scanner, from: afterFirst, to: end) }
        if scanner.bytes[start] == 0x20, !second.kind.meets(.wordOrSpace) {
            return endOfSymbols(scanner, from: afterFirst + second.length, to: end)
        }
        return endOfWhiteSpace(scanner, from: start, to: end)
    }

    private func endOfNumber(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        var index = start
        var digits = 1
        while digits < longestNumber, index < end {
            let next = scanner.character(at: index)
            guard next.kind.meets(.number) else { break }
            index += next.length
            digits += 1
        }
        return index
    }

    @inline(__always)
    private func endOfSymbols(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        let symbols = scanner.endOfRun(without: word.union(.wordOrSpace), from: start, to: end)
        return scanner.endOfRun(of: .lineBreak, from: symbols, to: end)
    }

    private func endOfWhiteSpace(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        let run = scanner.whiteSpace(from: start, to: end)
        if let lineBreakEnd = run.lineBreakEnd { return lineBreakEnd }
        return run.end == end || run.last == start ? run.end : run.last
    }
}
