extension SpaceRule {
    /// The text with spaces according to the rule: U+2581 becomes a space, the prefix is added, superfluous spaces are
    /// removed.
    /// - Parameters:
    ///   - isStart: whether the text is the start of the encoded text.
    ///   - buffer: memory that is used for the result.
    func normalised(
        _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ buffer: inout [UInt8]
    ) -> [UInt8] {
        var result: [UInt8] = []
        swap(&result, &buffer)
        result.removeAll(keepingCapacity: true)
        guard !text.isEmpty else { return result }
        let isPrefixed = prefix == .afterTokens || (prefix == .atStart && isStart)
        if dropsWhiteSpace {
            appendWords(of: text, isPrefixed: isPrefixed, to: &result)
            return result
        }
        if isPrefixed { result.append(0x20) }
        if PieceSpelling.occurs(in: text) {
            PieceSpelling.append(text, to: &result)
        } else {
            result.append(contentsOf: text)
        }
        if isPrefixed, isPrefixSkipped, result.count > 1, result[1] == 0x20 { result.removeFirst() }
        if collapses { Self.collapse(&result, keepsFirst: isPrefixed) }
        return result
    }

    /// Appends every word with a space before it.
    private func appendWords(of text: UnsafeBufferPointer<UInt8>, isPrefixed: Bool, to result: inout [UInt8]) {
        let rule = PreTokenizer(rules: [.words])
        rule.forEachWord(in: text) { range in
            let word = text[range]
            let hasSpace = isPrefixSkipped && word.starts(with: [0xE2, 0x96, 0x81])
            if !hasSpace, isPrefixed || !result.isEmpty { result.append(0x20) }
            PieceSpelling.append(word, to: &result)
        }
    }

    /// Replaces runs of spaces by one space, and removes the spaces at both ends except the prefix.
    private static func collapse(_ text: inout [UInt8], keepsFirst: Bool) {
        var kept = keepsFirst ? 1 : 0
        for index in kept..<text.count {
            let byte = text[index]
            if byte == 0x20, kept == 0 || text[kept - 1] == 0x20 { continue }
            text[kept] = byte
            kept += 1
        }
        while kept > 0, text[kept - 1] == 0x20 { kept -= 1 }
        text.removeLast(text.count - kept)
    }
}
