extension Tokenizer {
    /// Encodes a text.
    /// - Parameters:
    ///   - text: the text; its only change is the normal form that the model's reference uses.
    ///   - special: whether the texts of control tokens mean those tokens. User-defined tokens are ordinary vocabulary
    ///     that is matched whole; they are matched in either case, unless their text marks turns and roles.
    ///   - addingSequenceTokens: whether to put the tokens around the text that the model asks for. A text that already
    ///     begins with the begin token gets no second one.
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

    /// Encodes a rendered prompt. Control tokens are matched only within template text: never in user text, and never
    /// across a border between the two. Apart from that the segments are one text: words and merges cross the segments'
    /// borders, so the ids are those of the whole prompt.
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
        ids.reserveCapacity(text.count / 4 + 4)
        pool.withScratch { scratch in
            text.withUnsafeBufferPointer { encode($0, templateRuns: templateRuns, scratch, into: &ids) }
        }
        if addingSequenceTokens { addSequenceTokens(&ids) }
        return ids
    }

    private func addSequenceTokens(_ ids: inout [Int32]) {
        if !ids.starts(with: sequenceStart) { ids.insert(contentsOf: sequenceStart, at: 0) }
        if !ids.reversed().starts(with: sequenceEnd.reversed()) { ids.append(contentsOf: sequenceEnd) }
    }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, templateRuns: [Range<Int>], _ scratch: EncodingScratch,
        into ids: inout [Int32]
    ) {
        var run = 0
        var pending = 0
        var index = 0
        while index < text.count {
            while run < templateRuns.count, templateRuns[run].upperBound <= index { run += 1 }
            let isTemplate = run < templateRuns.count && templateRuns[run].lowerBound <= index
            let runEnd =
                run == templateRuns.count
                ? text.count : isTemplate ? templateRuns[run].upperBound : templateRuns[run].lowerBound
            index = matcher.nextCandidate(in: text, from: index, to: runEnd, isTemplate: isTemplate)
            if index == runEnd { continue }
            guard let match = matcher.longestMatch(in: text, at: index, templateEnd: isTemplate ? runEnd : index) else {
                index += 1
                continue
            }
            var before = index
            if match.token.takesSpaceBefore { before = Self.trimmedEnd(text, from: pending, to: index) }
            encodeOrdinary(text, pending..<before, scratch, into: &ids)
            ids.append(match.token.id)
            index = match.end
            if match.token.takesSpaceAfter {
                index = TextScanner(bytes: text).endOfRun(of: .space, from: index, to: text.count)
            }
            pending = index
        }
        encodeOrdinary(text, pending..<text.count, scratch, into: &ids)
    }

    private static func trimmedEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
        RunRule.trailingSpace(TextScanner(bytes: text), from: start, to: end)?.lowerBound ?? end
    }

    /// Encodes a text between tokens that were matched whole.
    private func encodeOrdinary(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        guard !range.isEmpty else { return }
        let isStart = range.lowerBound == 0
        let text = UnsafeBufferPointer(rebasing: text[range])
        switch model {
        case .bytePair(let model): model.encode(text, scratch, into: &ids)
        case .pieces(let model): model.encode(text, isStart: isStart, scratch, into: &ids)
        case .unigram(let model): model.encode(text, isStart: isStart, scratch, into: &ids)
        case .wordPiece(let model): model.encode(text, scratch, into: &ids)
        }
    }
}
