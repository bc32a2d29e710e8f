/// The steps of the normalizer of a `tokenizer.json`.
struct NormalizerSteps {
    /// The kinds of steps.
    enum Kind: String {
        case composition = "NFC"
        case prefix = "Prepend"
        case spaceReplacement = "Replace of spaces"
        case spaceRuns = "Replace of runs of spaces"
        case strip = "Strip"
        case characterMap = "Precompiled"
        case bert = "BertNormalizer"
    }

    private var kinds: [Kind] = []
    private(set) var characterMap: CharacterMap?
    private(set) var bert: BertNormalizer?

    var composes: Bool { kinds.contains(.composition) }
    var prepends: Bool { kinds.contains(.prefix) }
    var replacesSpaces: Bool { kinds.contains(.spaceReplacement) }
    var collapsesSpaces: Bool { kinds.contains(.spaceRuns) }

    init(_ tree: TokenizerComponent) throws(TokenizationError) { try add(tree) }

    /// Refuses steps of other kinds.
    func allow(_ allowed: [Kind], model: String) throws(TokenizationError) {
        if let other = kinds.first(where: { !allowed.contains($0) }) {
            throw TokenizerFile.unsupported("normalizer", "\(other.rawValue) before \(model)")
        }
    }

    private mutating func add(_ tree: TokenizerComponent) throws(TokenizationError) {
        switch tree.type {
        case "Sequence": for part in tree["normalizers"].elements { try add(part) }
        case "NFC": kinds.append(.composition)
        case "Prepend" where tree["prepend"].string == "\u{2581}": kinds.append(.prefix)
        case "Replace": try addReplacement(tree)
        case "Strip":
            // Strip needs no work of its own: collapsing runs of spaces leaves no space at either end.
            kinds.append(.strip)
        case "Precompiled":
            kinds.append(.characterMap)
            guard let data = Base64.decoded(tree["precompiled_charsmap"].string ?? "") else {
                throw TokenizationError(.malformedFile, "tokenizer.json: precompiled_charsmap is not base64")
            }
            if !data.isEmpty { characterMap = try CharacterMap(data, isByGrapheme: true) }
        case "BertNormalizer":
            kinds.append(.bert)
            var bert = BertNormalizer()
            bert.cleansText = tree["clean_text"].bool ?? true
            bert.partsIdeographs = tree["handle_chinese_chars"].bool ?? true
            bert.lowercases = tree["lowercase"].bool ?? true
            bert.stripsAccents = tree["strip_accents"].bool ?? bert.lowercases
            self.bert = bert
        default: if !tree.isNull { throw TokenizerFile.unsupported("normalizer", tree.type) }
        }
    }

    private mutating func addReplacement(_ tree: TokenizerComponent) throws(TokenizationError) {
        let content = tree["content"].string ?? ""
        switch (tree["pattern"]["String"].string, tree["pattern"]["Regex"].string, content) {
        case (" ", nil, "\u{2581}"): kinds.append(.spaceReplacement)
        case (nil, " {2,}", " "), (nil, " {2,}", "\u{2581}"): kinds.append(.spaceRuns)
        case (let text, let expression, _):
            throw TokenizerFile.unsupported("normalizer", "Replace of '\(text ?? expression ?? "")' by '\(content)'")
        }
    }
}

/// Base64 (RFC 4648), with or without padding.
enum Base64 {
    /// The bytes, or nil for a character outside the alphabet.
    static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case 0x41...0x5A: value = character - 0x41
            case 0x61...0x7A: value = character - 0x61 + 26
            case 0x30...0x39: value = character - 0x30 + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            buffer = buffer << 6 & 0xFFFFFF | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}
