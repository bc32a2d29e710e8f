extension Vocabulary {
    /// Resolves the merges' texts to ids.
    ///
    /// - Throws: `invalidVocabulary` for a merge that is not two parts, or whose parts or result are no tokens.
    func merges(_ lines: [String]) throws(TokenizationError) -> MergeTable {
        guard lines.count < Int(Int32.max) else {
            throw TokenizationError(
                .invalidVocabulary, "at most \(Int32.max - 1) merges are possible; this vocabulary has \(lines.count)")
        }
        var table = MergeTable(capacity: lines.count)
        var scratch: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            let (left, right, result) = try resolve(line, rank: rank, scratch: &scratch)
            table.insert(left: left, right: right, merge: Merge(rank: Int32(rank), result: result))
        }
        return table
    }

    private func resolve(
        _ line: String, rank: Int, scratch: inout [UInt8]
    ) throws(TokenizationError) -> (left: Int32, right: Int32, result: Int32) {
        // Spaces are spelled otherwise in the byte alphabet, so that the first one parts the two halves.
        let spelling = line.utf8
        scratch.removeAll(keepingCapacity: true)
        guard let space = spelling.firstIndex(of: 0x20), space != spelling.startIndex,
            ByteAlphabet.decode(Array(spelling[..<space]), into: &scratch)
        else { throw Self.malformed(line, rank) }
        let middle = scratch.count
        let rest = Array(spelling[spelling.index(after: space)...])
        guard !rest.isEmpty, ByteAlphabet.decode(rest, into: &scratch) else { throw Self.malformed(line, rank) }
        let ids = scratch.withUnsafeBufferPointer { pair -> (Int32?, Int32?, Int32?) in
            let left = UnsafeBufferPointer(rebasing: pair[..<middle])
            let right = UnsafeBufferPointer(rebasing: pair[middle...])
            return (bytes.id(of: left), bytes.id(of: right), bytes.id(of: pair))
        }
        guard let left = ids.0, let right = ids.1, let result = ids.2 else {
            throw TokenizationError(
                .invalidVocabulary,
                "merge \(rank), '\(line)', needs its parts and its result among the ordinary tokens; one is missing")
        }
        return (left, right, result)
    }

    private static func malformed(_ line: String, _ rank: Int) -> TokenizationError {
        TokenizationError(
            .invalidVocabulary,
            "merge \(rank), '\(line)', is not two token texts in the byte alphabet with a space between")
    }
}
