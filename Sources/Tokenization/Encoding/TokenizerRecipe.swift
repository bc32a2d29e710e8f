/// Everything that a tokenizer is built from, independent of the file's format.
struct TokenizerRecipe {
    /// How tokens are spelled and found.
    enum Model: Equatable {
        /// Byte-level BPE: tokens in GPT-2's byte alphabet, merges in the order of a list.
        case byteLevel
        /// BPE over characters, spaces spelled U+2581: merges in the order of a list, or else of scores.
        case pieces
        /// The most probable pieces by their scores.
        case unigram
        /// The longest piece first, word by word.
        case wordPiece
    }

    /// Merges, best first.
    enum Merges {
        /// One text per merge: the two halves with one space between.
        case lines(TokenTexts)
        /// Two texts per merge.
        case pairs(TokenTexts)

        var count: Int {
            switch self {
            case .lines(let texts): texts.count
            case .pairs(let texts): texts.count / 2
            }
        }
    }

    var model: Model
    var tokens: TokenTexts
    /// The tokens' types, with GGUF's numbers; empty if all tokens are normal.
    var types: [Int32] = []
    var scores: [Float] = []
    var merges: Merges?

    var preTokenizer = PreTokenizer(rules: [])
    var spaces = SpaceRule()
    var characterMap: CharacterMap?
    var bert = BertNormalizer()
    /// The beginning of a WordPiece that continues a word.
    var continuation: [UInt8] = Array("##".utf8)
    /// Whether single bytes encode characters that are not tokens.
    var fallsBackToBytes = false
    /// Whether several unknown characters in a row become one unknown token.
    var fusesUnknown = true

    /// Tokens that are matched as whole texts and take white space around them.
    var spaceTaking: [Int32: (before: Bool, after: Bool)] = [:]
    var bos: Int32?
    var eos: Int32?
    var eot: Int32?
    var unknown: Int32?
    var padding: Int32?
    /// The tokens that are put before a text.
    var sequenceStart: [Int32] = []
    /// The tokens that are put after a text.
    var sequenceEnd: [Int32] = []
}

/// How a tokenizer of pieces treats spaces.
struct SpaceRule: Sendable {
    enum Prefix: Sendable {
        case none
        /// A space before the text.
        case atStart
        /// A space before the text, and before the text after each token that was matched as a whole.
        case afterTokens
    }

    var prefix: Prefix = .none
    /// Whether no space is put before a text that begins with one.
    var isPrefixSkipped = false
    /// Whether runs of spaces become one space, and spaces at both ends are removed.
    var collapses = false
    /// Whether every space begins a word; pieces never cross the border of a word.
    var cutsWords = false
    /// Whether white space of every kind separates words and is removed.
    var dropsWhiteSpace = false
}
