/// The words of Llama 3 and Qwen 2, which differ in how many digits a number may have. In order of precedence:
/// - `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
/// - `[^\r\n\p{L}\p{N}]?\p{L}+`
/// - `\p{N}{1,n}`
/// - ` ?[^\s\p{L}\p{N}]+[\r\n]*`
/// - `\s*[\r\n]+`, `\s+(?!\S)`, `\s+`
struct Llama3Rule {
    /// The most digits of one word.
    let longestNumber: Int

    /// The end of the word that starts at `start`; `end` is the end of the text. Needs `start < end`.
    func endOfWord(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        if let contraction = Contraction.end(scanner.bytes, from: start, to: end, ignoringCase: true) {
            return contraction
        }
        let first = scanner.character(at: start)
        let afterFirst = start + first.length
        switch first.kind {
        case .letter:
            return scanner.endOfRun(of: .letter, from: afterFirst, to: end)
        case .number:
            return endOfNumber(scanner, from: afterFirst, to: end)
        case .lineBreak:
            return endOfWhiteSpace(scanner, from: start, to: end)
        case .space, .other:
            break
        }
        guard afterFirst < end else { return end }
        let second = scanner.character(at: afterFirst)
        if second.kind == .letter {
            return scanner.endOfRun(of: .letter, from: afterFirst + second.length, to: end)
        }
        if first.kind == .other { return endOfSymbols(scanner, from: afterFirst, to: end) }
        if scanner.bytes[start] == 0x20, second.kind == .other {
            return endOfSymbols(scanner, from: afterFirst + second.length, to: end)
        }
        return endOfWhiteSpace(scanner, from: start, to: end)
    }

    private func endOfNumber(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        var index = start
        var digits = 1
        while digits < longestNumber, index < end {
            let next = scanner.character(at: index)
            guard next.kind == .number else { break }
            index += next.length
            digits += 1
        }
        return index
    }

    private func endOfSymbols(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        let symbols = scanner.endOfRun(of: .other, from: start, to: end)
        return scanner.endOfRun(of: .lineBreak, from: symbols, to: end)
    }

    private func endOfWhiteSpace(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        let run = scanner.whiteSpace(from: start, to: end)
        if let lineBreakEnd = run.lineBreakEnd { return lineBreakEnd }
        return run.end == end || run.last == start ? run.end : run.last
    }
}
