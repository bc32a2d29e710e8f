/// All that a tokenizer is built of, whichever file it came from.
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
        /// Each a line, the two halves with one space between.
        case lines(TokenTexts)
        /// Two texts each.
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
    /// As GGUF numbers them; empty for all normal.
    var types: [Int32] = []
    var scores: [Float] = []
    var merges: Merges?

    var preTokenizer = PreTokenizer(rules: [])
    var spaces = SpaceRule()
    var characterMap: CharacterMap?
    var bert = BertNormalizer()
    /// The beginning of a WordPiece that continues a word.
    var continuation: [UInt8] = Array("##".utf8)
    /// Whether single bytes stand for characters that are no token.
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
    /// The tokens that are put around a text.
    var sequenceStart: [Int32] = []
    var sequenceEnd: [Int32] = []
}

/// What a tokenizer of pieces does about spaces.
struct SpaceRule: Sendable {
    enum Prefix: Sendable {
        case none
        /// Before the text.
        case atStart
        /// Before the text, and before what follows each token that was matched as a whole.
        case afterTokens
    }

    var prefix: Prefix = .none
    /// Whether no space is put before a text that begins with one.
    var isPrefixSkipped = false
    /// Whether runs of spaces become one, and those at both ends vanish.
    var collapses = false
    /// Whether every space begins a word, within which alone pieces are sought.
    var cutsWords = false
    /// Whether white space of every kind parts words and vanishes.
    var dropsWhiteSpace = false
}
