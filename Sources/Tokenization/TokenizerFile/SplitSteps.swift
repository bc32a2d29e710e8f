/// The steps of the pre-tokenizer of a `tokenizer.json`.
struct SplitSteps {
    /// The kinds of steps.
    enum Kind: String {
        case byteLevel = "ByteLevel"
        case metaspace = "Metaspace"
        case words = "WhitespaceSplit"
        case spaceSplit = "Split by spaces"
        case bert = "BertPreTokenizer"
    }

    /// The Metaspace step, which writes spaces as U+2581.
    struct Metaspace {
        var prefix: SpaceRule.Prefix
        var splits: Bool
    }

    /// Steps that cut text before byte-level BPE.
    private(set) var rules: [SplitRule] = []
    private(set) var metaspace: Metaspace?
    private var kinds: [Kind] = []

    var isByteLevel: Bool { kinds.contains(.byteLevel) }
    var dropsWhiteSpace: Bool { kinds.contains(.words) }
    var isBert: Bool { kinds.contains(.bert) }

    init(_ tree: TokenizerComponent) throws(TokenizationError) { try add(tree) }

    /// Refuses steps of other kinds, and rules where there is no byte-level step.
    func allow(_ allowed: [Kind], model: String) throws(TokenizationError) {
        if let other = kinds.first(where: { !allowed.contains($0) }) {
            throw TokenizerFile.unsupported("pre-tokenizer", "\(other.rawValue) before \(model)")
        }
        if !rules.isEmpty, !allowed.contains(.byteLevel) {
            throw TokenizerFile.unsupported("pre-tokenizer", "Split, Digits or Punctuation before \(model)")
        }
    }

    private mutating func add(_ tree: TokenizerComponent) throws(TokenizationError) {
        switch tree.type {
        case "Sequence": for part in tree["pretokenizers"].elements { try add(part) }
        case "ByteLevel":
            guard tree["add_prefix_space"].bool != true else {
                throw TokenizerFile.unsupported("pre-tokenizer", "ByteLevel with add_prefix_space")
            }
            kinds.append(.byteLevel)
            if tree["use_regex"].bool ?? true { rules.append(.gpt2Words) }
        case "Digits":
            try refuseAfterByteLevel(tree)
            rules.append(tree["individual_digits"].bool ?? false ? .digits : .numbers(longest: .max))
        case "Punctuation":
            try refuseAfterByteLevel(tree)
            guard tree["behavior"].string == "Contiguous" else {
                throw TokenizerFile.unsupported(
                    "pre-tokenizer", "Punctuation with behavior \(tree["behavior"].string ?? "Isolated")")
            }
            rules.append(.punctuation)
        case "Split": try addSplit(tree)
        case "Metaspace": try addMetaspace(tree)
        case "WhitespaceSplit": kinds.append(.words)
        case "BertPreTokenizer": kinds.append(.bert)
        default: if !tree.isNull { throw TokenizerFile.unsupported("pre-tokenizer", tree.type) }
        }
    }

    /// Refuses a step after ByteLevel: it would see text in the byte alphabet.
    private func refuseAfterByteLevel(_ tree: TokenizerComponent) throws(TokenizationError) {
        if isByteLevel { throw TokenizerFile.unsupported("pre-tokenizer", "\(tree.type) after ByteLevel") }
    }

    private mutating func addSplit(_ tree: TokenizerComponent) throws(TokenizationError) {
        if tree["pattern"]["String"].string == " ", tree["behavior"].string == "MergedWithPrevious" {
            // If a step before has turned spaces into U+2581, this step finds no space.
            kinds.append(.spaceSplit)
            return
        }
        let expression = tree["pattern"]["Regex"].string ?? tree["pattern"]["String"].string ?? ""
        guard tree["pattern"]["String"].isNull, let rule = SplitExpressions.rule(expression) else {
            throw TokenizerFile.unsupported("pre-tokenizer", "Split by \(expression)")
        }
        guard isUsual(tree) else {
            throw TokenizerFile.unsupported(
                "pre-tokenizer", "Split with behavior \(tree["behavior"].string ?? "(none)") or invert")
        }
        if rule != .threeDigits { try refuseAfterByteLevel(tree) }
        rules.append(rule)
    }

    /// Whether both the matches and the text between them become pieces.
    private func isUsual(_ tree: TokenizerComponent) -> Bool {
        switch tree["behavior"].string {
        case "Isolated": tree["invert"].bool != true
        default: false
        }
    }

    private mutating func addMetaspace(_ tree: TokenizerComponent) throws(TokenizationError) {
        guard tree["replacement"].string ?? "\u{2581}" == "\u{2581}", metaspace == nil else {
            throw TokenizerFile.unsupported("pre-tokenizer", "Metaspace with another replacement, or twice")
        }
        kinds.append(.metaspace)
        let scheme = tree["prepend_scheme"].string ?? (tree["add_prefix_space"].bool ?? true ? "always" : "never")
        let prefix: SpaceRule.Prefix
        switch scheme {
        case "always": prefix = .afterTokens
        case "first": prefix = .atStart
        case "never": prefix = .none
        default: throw TokenizerFile.unsupported("pre-tokenizer", "Metaspace with prepend_scheme \(scheme)")
        }
        metaspace = Metaspace(prefix: prefix, splits: tree["split"].bool ?? true)
    }
}
