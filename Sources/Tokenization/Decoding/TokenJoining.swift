/// How the texts of tokens become one text.
enum TokenJoining: Sendable {
    /// End to end.
    case plain
    /// End to end, without the space before the first.
    case withoutFirstSpace
    /// With spaces between words; a piece with the given beginning continues the word before it.
    case words(continuation: [UInt8])

    init(_ recipe: TokenizerRecipe) {
        switch recipe.model {
        case .byteLevel: self = .plain
        case .pieces, .unigram: self = recipe.spaces.prefix == .none ? .plain : .withoutFirstSpace
        case .wordPiece: self = .words(continuation: recipe.continuation)
        }
    }

    /// Pieces that follow the word before them without a space, though they are words of their own.
    private static let closeTexts: Set<String> = [".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"]

    /// A token's text without the mark of a continued word.
    func withoutMark(_ token: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard case .words(let continuation) = self, continues(token, continuation) else { return token }
        return token.dropFirst(continuation.count)
    }

    /// Appends a token's text.
    func append(_ token: ArraySlice<UInt8>, isStart: Bool, to bytes: inout [UInt8]) {
        switch self {
        case .plain: bytes.append(contentsOf: token)
        case .withoutFirstSpace: bytes.append(contentsOf: isStart && token.first == 0x20 ? token.dropFirst() : token)
        case .words(let continuation):
            let isContinued = continues(token, continuation)
            let isClose = isContinued || Self.closeTexts.contains(String(decoding: token, as: UTF8.self))
            if !isStart && !isClose { bytes.append(0x20) }
            bytes.append(contentsOf: isContinued ? token.dropFirst(continuation.count) : token)
        }
    }

    private func continues(_ token: ArraySlice<UInt8>, _ continuation: [UInt8]) -> Bool {
        token.count > continuation.count && token.starts(with: continuation)
    }
}
