extension Vocabulary {
    /// Resolves the merges' texts to ids.
    /// - Parameter decode: appends the bytes of a spelling; returns false if it is not a spelling.
    /// - Throws: `invalidVocabulary` for a merge that is not two parts, or whose parts or result are not tokens.
    func merges(
        _ merges: TokenizerRecipe.Merges, decode: (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Bool
    ) throws(TokenizationError) -> MergeTable {
        guard merges.count < Int(Int32.max) else {
            throw TokenizationError(
                .invalidVocabulary, "at most \(Int32.max - 1) merges are possible; this vocabulary has \(merges.count)")
        }
        var table = MergeTable(capacity: merges.count)
        var scratch: [UInt8] = []
        var previous: Int32 = -1
        for rank in 0..<merges.count {
            scratch.removeAll(keepingCapacity: true)
            guard let middle = Self.append(merges, rank, to: &scratch, decode) else {
                throw TokenizationError(
                    .invalidVocabulary,
                    "merge \(rank), '\(Self.text(merges, rank))', is not two token texts with a space between")
            }
            let ids = scratch.withUnsafeBufferPointer { pair -> (Int32?, Int32?, Int32?) in
                let left = UnsafeBufferPointer(rebasing: pair[..<middle])
                let right = UnsafeBufferPointer(rebasing: pair[middle...])
                // Most vocabularies have the results of their merges in the order of the merges.
                let isNext = isOrdinary(previous + 1) && bytes.isLikely(previous + 1, for: pair)
                return (bytes.id(of: left), bytes.id(of: right), isNext ? previous + 1 : bytes.id(of: pair))
            }
            guard let left = ids.0, let right = ids.1, let result = ids.2 else {
                throw TokenizationError(
                    .invalidVocabulary,
                    "merge \(rank), '\(Self.text(merges, rank))', needs its parts and its result among the ordinary "
                        + "tokens; one is missing")
            }
            previous = result
            table.insert(left: left, right: right, merge: Merge(rank: Int32(rank), result: result))
        }
        return table
    }

    /// Whether merges may make the token, even if other tokens have the same text.
    private func isOrdinary(_ id: Int32) -> Bool {
        index(of: id).map { types[$0] == .normal } ?? false
    }

    /// Appends both halves of a merge.
    /// - Returns: the length of the left half, or nil if there are not two halves.
    private static func append(
        _ merges: TokenizerRecipe.Merges, _ rank: Int, to pair: inout [UInt8],
        _ decode: (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Bool
    ) -> Int? {
        switch merges {
        case .lines(let lines):
            let range = lines.range(of: rank)
            return lines.bytes.withUnsafeBufferPointer { bytes in
                // Spaces within a half are spelled differently, so the first space separates the two halves.
                guard let space = bytes[range].dropFirst().firstIndex(of: 0x20), space + 1 < range.upperBound,
                    decode(UnsafeBufferPointer(rebasing: bytes[range.lowerBound..<space]), &pair)
                else { return nil }
                let middle = pair.count
                let right = UnsafeBufferPointer(rebasing: bytes[space + 1..<range.upperBound])
                return decode(right, &pair) ? middle : nil
            }
        case .pairs(let texts):
            let (left, right) = (texts.range(of: 2 * rank), texts.range(of: 2 * rank + 1))
            return texts.bytes.withUnsafeBufferPointer { bytes in
                guard !left.isEmpty, !right.isEmpty, decode(UnsafeBufferPointer(rebasing: bytes[left]), &pair)
                else { return nil }
                let middle = pair.count
                return decode(UnsafeBufferPointer(rebasing: bytes[right]), &pair) ? middle : nil
            }
        }
    }

    private static func text(_ merges: TokenizerRecipe.Merges, _ rank: Int) -> String {
        switch merges {
        case .lines(let lines): String(decoding: lines[rank], as: UTF8.self)
        case .pairs(let texts):
            String(decoding: texts[2 * rank], as: UTF8.self) + " "
                + String(decoding: texts[2 * rank + 1], as: UTF8.self)
        }
    }
}
