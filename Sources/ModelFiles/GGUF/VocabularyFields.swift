/// Reads and checks the parts of a vocabulary against its tokens.
struct VocabularyFields {
    static let tokens = "tokenizer.ggml.tokens"

    let metadata: GGUFMetadata
    let tokens: PackedStrings

    /// Throws `badVocabulary` if there are no tokens, or more tokens than an `Int32` can number.
    func checkTokenCount() throws(ModelFileError) {
        guard !tokens.isEmpty, tokens.count <= Int(Int32.max) else {
            throw ModelFileError(
                .badVocabulary, "\(quoted(Self.tokens)) has \(tokens.count) tokens; 1 to \(Int32.max) are allowed")
        }
    }

    /// The kinds of the tokens.
    func tokenTypes() throws(ModelFileError) -> [Int32]? {
        let key = "tokenizer.ggml.token_type"
        guard let types = try metadata.integers(key) else { return nil }
        try checkCount(types.count, key: key)
        var result: [Int32] = []
        result.reserveCapacity(types.count)
        for (index, type) in types.enumerated() {
            guard let exact = Int32(exactly: type), exact >= 0 else {
                throw ModelFileError(
                    .badVocabulary,
                    "element \(index) of \(quoted(key)) is \(type); 0 to \(Int32.max) are allowed")
            }
            result.append(exact)
        }
        return result
    }

    /// The scores of the tokens.
    func scores() throws(ModelFileError) -> [Float]? {
        let key = "tokenizer.ggml.scores"
        guard let scores = try metadata.floats(key) else { return nil }
        try checkCount(scores.count, key: key)
        if let index = scores.firstIndex(where: \.isNaN) {
            throw ModelFileError(.badVocabulary, "element \(index) of \(quoted(key)) is not a number")
        }
        return scores
    }

    /// The merges: each has a space that is neither its first nor its last byte.
    func merges(required: Bool) throws(ModelFileError) -> PackedStrings? {
        let key = "tokenizer.ggml.merges"
        guard let merges = try metadata.strings(key) else {
            guard required else { return nil }
            throw ModelFileError(.missingKey, "metadata key \(quoted(key)) is missing; this kind of tokenizer needs it")
        }
        for index in merges.indices {
            let hasTwoHalves = merges.withUnsafeBytes(at: index) { bytes in
                bytes.dropFirst().dropLast().contains(UInt8(ascii: " "))
            }
            guard hasTwoHalves else {
                let text = quoted(String(decoding: merges[index], as: UTF8.self))
                throw ModelFileError(
                    .badVocabulary,
                    "element \(index) of \(quoted(key)) is \(text), not two tokens with a space between")
            }
        }
        return merges
    }

    /// The bytes of `key`, which the file gives as whole numbers.
    func bytes(_ key: String) throws(ModelFileError) -> [UInt8]? {
        guard let numbers = try metadata.integers(key) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(numbers.count)
        for (index, number) in numbers.enumerated() {
            guard (-128...255).contains(number) else {
                throw ModelFileError(
                    .badVocabulary, "element \(index) of \(quoted(key)) is \(number), which is not a byte")
            }
            bytes.append(UInt8(truncatingIfNeeded: number))
        }
        return bytes
    }

    /// The token id of `key`, inside the vocabulary.
    func id(_ key: String) throws(ModelFileError) -> Int32? {
        guard let id = try metadata.integer(key) else { return nil }
        guard id >= 0, id < tokens.count else {
            throw ModelFileError(
                .badVocabulary, "\(quoted(key)) is \(id), outside the vocabulary of \(tokens.count) tokens")
        }
        return Int32(id)
    }

    private func checkCount(_ count: Int, key: String) throws(ModelFileError) {
        guard count == tokens.count else {
            throw ModelFileError(
                .badVocabulary, "\(quoted(key)) has \(count) elements, but there are \(tokens.count) tokens")
        }
    }
}
