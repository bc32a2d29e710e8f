/// SentencePiece's normalisation as data: a double-array trie from texts to their replacements.
struct CharacterMap: Sendable {
    private var units: [UInt32] = []
    /// The replacements, each with a zero byte after it.
    private let replacements: [UInt8]
    private let isByGrapheme: Bool

    /// Reads a `precompiled_charsmap`: the trie's size in bytes, the trie, the replacements.
    /// - Parameter isByGrapheme: whether to replace as Hugging Face's Precompiled does: a grapheme of less than six
    ///   bytes by the replacement of its shortest prefix that has one, or else its characters one by one. SentencePiece
    ///   itself replaces the longest matches.
    /// - Throws: `invalidVocabulary` for data that is too short, or whose trie does not have the size that the data
    ///   gives.
    init(_ data: [UInt8], isByGrapheme: Bool = false) throws(TokenizationError) {
        func word(_ offset: Int) -> UInt32 {
            UInt32(data[offset]) | UInt32(data[offset + 1]) << 8 | UInt32(data[offset + 2]) << 16
                | UInt32(data[offset + 3]) << 24
        }
        guard data.count >= 4, Int(word(0)) <= data.count - 4, word(0) % 4 == 0 else {
            throw TokenizationError(
                .invalidVocabulary,
                "the character map has \(data.count) bytes, which is not what its first four say")
        }
        let size = Int(word(0))
        self.isByGrapheme = isByGrapheme
        units = stride(from: 4, to: 4 + size, by: 4).map(word)
        replacements = Array(data[(4 + size)...]) + [0]
    }

    /// The text in its normal form, or nil if the text does not change. The result is valid UTF-8 for any map.
    /// - Parameter text: valid UTF-8.
    func normalised(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let result = isByGrapheme ? normalisedByGrapheme(text) : normalisedByLongestMatch(text) else {
            return nil
        }
        if String(validating: result, as: UTF8.self) != nil { return result }
        return Array(String(decoding: result, as: UTF8.self).utf8)
    }

    private func normalisedByLongestMatch(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var unchanged = 0
        var index = 0
        while index < text.count {
            if let (length, replacement) = match(text, from: index, isLongest: true) {
                result.append(contentsOf: text[unchanged..<index])
                result.append(contentsOf: replacement)
                index += length
                unchanged = index
            } else {
                // A match may have ended within a character.
                index = min(index + UTF8Length.of(text[index]), text.count)
            }
        }
        guard unchanged > 0 else { return nil }
        result.append(contentsOf: text[unchanged...])
        return result
    }

    private func normalisedByGrapheme(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        for grapheme in String(decoding: text, as: UTF8.self) {
            if grapheme.utf8.count < 6, let replacement = replacement(Array(grapheme.utf8)) {
                result.append(contentsOf: replacement)
                continue
            }
            for scalar in grapheme.unicodeScalars {
                let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                result.append(contentsOf: replacement(bytes) ?? bytes[...])
            }
        }
        return result
    }

    /// The replacement of the shortest prefix that has one.
    private func replacement(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        text.withUnsafeBufferPointer { match($0, from: 0, isLongest: false)?.replacement }
    }

    private func match(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, isLongest: Bool
    ) -> (length: Int, replacement: ArraySlice<UInt8>)? {
        guard let root = units.first else { return nil }
        var best: (length: Int, offset: Int)?
        var place = Self.offset(root)
        var index = start
        while index < text.count, text[index] != 0 {
            place ^= Int(text[index])
            guard place < units.count else { break }
            let unit = units[place]
            guard unit & 0x8000_00FF == UInt32(text[index]) else { break }
            index += 1
            place ^= Self.offset(unit)
            if unit >> 8 & 1 != 0, place < units.count {
                best = (index - start, Int(units[place] & 0x7FFF_FFFF))
                if !isLongest { break }
            }
        }
        guard let best, best.offset < replacements.count else { return nil }
        let end = replacements[best.offset...].firstIndex(of: 0) ?? replacements.endIndex
        return (best.length, replacements[best.offset..<end])
    }

    /// The offset from a unit to its children.
    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & (1 << 9)) >> 6) }
}
