/// GPT-2's words: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
enum GPT2Rule {
    /// The end of the word that starts at `start`; `end` is the end of the text. Needs `start < end`.
    static func endOfWord(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        if let contraction = Contraction.end(scanner.bytes, from: start, to: end, ignoringCase: false) {
            return contraction
        }
        var first = scanner.character(at: start)
        var body = start
        if scanner.bytes[start] == 0x20, start + 1 < end {
            let second = scanner.character(at: start + 1)
            if !second.kind.meets(.space) {
                first = second
                body = start + 1
            }
        }
        body += first.length
        if first.kind.meets(.letter) { return scanner.endOfRun(of: .letter, from: body, to: end) }
        if first.kind.meets(.number) { return scanner.endOfRun(of: .number, from: body, to: end) }
        if !first.kind.meets(.space) { return scanner.endOfRun(without: .wordOrSpace, from: body, to: end) }
        // The last character of a run of white space belongs to the word after the run.
        let run = scanner.whiteSpace(from: start, to: end)
        return run.end == end || run.last == start ? run.end : run.last
    }
}
