/// A token that is matched as a whole text, before any cutting into words.
struct AddedToken: Sendable {
    let id: Int32
    /// Whether only a template may mean it: it is never matched in user text.
    let isTemplateOnly: Bool
    /// Whether the white space before the token belongs to it.
    var takesSpaceBefore = false
    /// Whether the white space after the token belongs to it.
    var takesSpaceAfter = false
}

/// Finds the tokens that are matched as whole texts.
struct SpecialTokenMatcher: Sendable {
    private var trie = ByteTrie()
    private var tokens: [AddedToken] = []
    /// For each byte, whether a token starts with it.
    private var isFirstByte = [Bool](repeating: false, count: 256)
    /// For each byte, whether a token that user text may mean starts with it.
    private var isFirstByteOfUserToken = [Bool](repeating: false, count: 256)

    /// Adds a token. An empty text is never matched; of two equal texts the later token is found.
    mutating func insert(_ text: some Collection<UInt8>, _ token: AddedToken) {
        guard let first = text.first else { return }
        isFirstByte[Int(first)] = true
        if !token.isTemplateOnly { isFirstByteOfUserToken[Int(first)] = true }
        trie.insert(text, value: Int32(tokens.count))
        tokens.append(token)
    }

    /// The first place at or after `start` where a match may begin.
    @inline(__always)
    func nextCandidate(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, isTemplate: Bool
    ) -> Int {
        let table = isTemplate ? isFirstByte : isFirstByteOfUserToken
        return table.withUnsafeBufferPointer { table in
            var index = start
            while index < end, !table[Int(bytes[index])] { index += 1 }
            return index
        }
    }

    /// The longest token that starts at `start`.
    /// - Parameter templateEnd: the end of the template text around `start`: tokens that only a template may mean must
    ///   end there or earlier.
    func longestMatch(
        in bytes: UnsafeBufferPointer<UInt8>, at start: Int, templateEnd: Int
    ) -> (token: AddedToken, end: Int)? {
        var best: (token: AddedToken, end: Int)?
        var node = ByteTrie.root
        var index = start
        while index < bytes.count {
            node = trie.child(node, bytes[index])
            guard node >= 0 else { break }
            index += 1
            let value = trie.value(node)
            guard value >= 0 else { continue }
            let token = tokens[Int(value)]
            if !token.isTemplateOnly || index <= templateEnd { best = (token, index) }
        }
        return best
    }
}
