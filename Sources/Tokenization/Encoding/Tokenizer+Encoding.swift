extension Tokenizer {
    /// Encodes a text.
    /// - Parameters:
    ///   - text: the text; it is not changed but for composing it (NFC) where the model's reference does so.
    ///   - special: whether the texts of control tokens mean those tokens. User-defined tokens are ordinary vocabulary
    ///     that is matched whole, and are matched either way.
    ///   - addingSequenceTokens: whether to put the tokens around the text that the model asks for. A text that begins
    ///     with the begin token already gets no second one.
    /// - Throws: `invalidText` for a text of 2^31 bytes or more.
    public func encode(
        _ text: String, special: SpecialTokens, addingSequenceTokens: Bool = false
    ) throws(TokenizationError) -> [Int32] {
        let segment = TextSegment(text: text, isUserText: special == .asText)
        return try encode(segments: [segment], addingSequenceTokens: addingSequenceTokens)
    }

    /// Encodes a text that is given as UTF-8.
    /// - Throws: `invalidText` for bytes that are not UTF-8, and for 2^31 bytes or more.
    public func encode(
        utf8 bytes: some Collection<UInt8>, special: SpecialTokens, addingSequenceTokens: Bool = false
    ) throws(TokenizationError) -> [Int32] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TokenizationError(.invalidText, "the \(bytes.count) bytes to encode are not valid UTF-8")
        }
        return try encode(text, special: special, addingSequenceTokens: addingSequenceTokens)
    }

    /// Encodes a rendered prompt. Control tokens are matched within template text alone: never in user text, and never
    /// across a border between the two. Otherwise the segments are one text: words and merges cross their borders, so
    /// that the ids are those of the whole prompt at once.
    /// - Parameters:
    ///   - segments: the prompt's parts, in order.
    ///   - addingSequenceTokens: as for `encode(_:special:addingSequenceTokens:)`.
    /// - Throws: `invalidText` for 2^31 bytes or more.
    public func encode(
        segments: [TextSegment], addingSequenceTokens: Bool = false
    ) throws(TokenizationError) -> [Int32] {
        var text: [UInt8] = []
        var templateRuns: [Range<Int>] = []
        for segment in segments {
            let start = text.count
            text.append(contentsOf: segment.text.utf8)
            if segment.isUserText || text.count == start { continue }
            if let last = templateRuns.last, last.upperBound == start {
                templateRuns[templateRuns.count - 1] = last.lowerBound..<text.count
            } else {
                templateRuns.append(start..<text.count)
            }
        }
        guard text.count < Int(Int32.max) else {
            throw TokenizationError(
                .invalidText, "a text of at most \(Int32.max - 1) bytes can be encoded; this one has \(text.count)")
        }
        var ids: [Int32] = []
        ids.reserveCapacity(text.count / 4 + 2)
        text.withUnsafeBufferPointer { encode($0, templateRuns: templateRuns, into: &ids) }
        if addingSequenceTokens { addSequenceTokens(&ids) }
        return ids
    }

    private func addSequenceTokens(_ ids: inout [Int32]) {
        if let sequenceStart, ids.first != sequenceStart { ids.insert(sequenceStart, at: 0) }
        if let sequenceEnd, ids.last != sequenceEnd { ids.append(sequenceEnd) }
    }

    private func encode(_ text: UnsafeBufferPointer<UInt8>, templateRuns: [Range<Int>], into ids: inout [Int32]) {
        var merger = BytePairMerger(merges)
        var run = 0
        var pending = 0
        var index = 0
        while index < text.count {
            guard matcher.mayStart(with: text[index]) else {
                index += 1
                continue
            }
            while run < templateRuns.count, templateRuns[run].upperBound <= index { run += 1 }
            let isTemplate = run < templateRuns.count && templateRuns[run].lowerBound <= index
            let templateEnd = isTemplate ? templateRuns[run].upperBound : index
            guard let match = matcher.longestMatch(in: text, at: index, templateEnd: templateEnd) else {
                index += 1
                continue
            }
            encodeOrdinary(UnsafeBufferPointer(rebasing: text[pending..<index]), &merger, into: &ids)
            ids.append(match.token)
            index = match.end
            pending = index
        }
        encodeOrdinary(UnsafeBufferPointer(rebasing: text[pending...]), &merger, into: &ids)
    }

    /// Encodes a text between special tokens.
    private func encodeOrdinary(
        _ text: UnsafeBufferPointer<UInt8>, _ merger: inout BytePairMerger, into ids: inout [Int32]
    ) {
        guard !text.isEmpty else { return }
        if preTokenizer.composesText, let composed = Composition.composed(text) {
            composed.withUnsafeBufferPointer { encodeWords($0, &merger, into: &ids) }
        } else {
            encodeWords(text, &merger, into: &ids)
        }
    }

    private func encodeWords(
        _ text: UnsafeBufferPointer<UInt8>, _ merger: inout BytePairMerger, into ids: inout [Int32]
    ) {
        let takesWholeWords = preTokenizer.prefersWholeWords
        preTokenizer.forEachWord(in: text) { range in
            let word = UnsafeBufferPointer(rebasing: text[range])
            if takesWholeWords, let id = vocabulary.bytes.id(of: word) {
                ids.append(id)
            } else {
                merger.merge(word, byteTokens: vocabulary.byteTokens, into: &ids)
            }
        }
    }
}
