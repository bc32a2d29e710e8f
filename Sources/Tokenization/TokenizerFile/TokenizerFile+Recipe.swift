extension TokenizerFile {
    /// The recipe of the file's tokenizer.
    func recipe() throws(TokenizationError) -> TokenizerRecipe {
        let type = try modelType()
        let steps = try SplitSteps(component("pre_tokenizer"))
        let normal = try NormalizerSteps(component("normalizer"))
        try checkDecoder(component("decoder"))
        var recipe: TokenizerRecipe
        switch type {
        case "BPE" where steps.isByteLevel: recipe = try byteLevel(steps, normal)
        case "BPE": recipe = try pieces(steps, normal)
        case "Unigram": recipe = try unigram(steps, normal)
        case "WordPiece": recipe = try wordPiece(steps, normal)
        default: throw Self.unsupported("model", type)
        }
        try addSequenceTokens(component("post_processor"), to: &recipe)
        recipe.bos = recipe.sequenceStart.first
        recipe.eos = recipe.sequenceEnd.last
        return recipe
    }

    static func unsupported(_ role: String, _ name: String) -> TokenizationError {
        TokenizationError(.unsupported, "tokenizer.json: \(role) '\(name)' is not supported")
    }

    private func byteLevel(_ steps: SplitSteps, _ normal: NormalizerSteps) throws(TokenizationError) -> TokenizerRecipe
    {
        var recipe = TokenizerRecipe(model: .byteLevel, tokens: TokenTexts())
        try assemble(entriesOfObject(), addedTokens(), byteTokens: false, into: &recipe)
        try checkBPE()
        recipe.merges = try merges()
        try steps.allow([.byteLevel], model: "byte-level BPE")
        try normal.allow([.composition], model: "byte-level BPE")
        recipe.preTokenizer = PreTokenizer(
            rules: steps.rules, composesText: normal.composes,
            prefersWholeWords: try setting("ignore_merges").bool ?? false)
        return recipe
    }

    private func pieces(_ steps: SplitSteps, _ normal: NormalizerSteps) throws(TokenizationError) -> TokenizerRecipe {
        guard normal.replacesSpaces || steps.metaspace != nil else {
            throw Self.unsupported("model", "BPE without ByteLevel, Metaspace or a replacement of spaces")
        }
        try checkBPE()
        guard try setting("ignore_merges").bool != true else { throw Self.unsupported("setting", "ignore_merges") }
        var recipe = TokenizerRecipe(model: .pieces, tokens: TokenTexts())
        recipe.fallsBackToBytes = try setting("byte_fallback").bool ?? false
        recipe.fusesUnknown = try setting("fuse_unk").bool ?? false
        try assemble(entriesOfObject(), addedTokens(), byteTokens: recipe.fallsBackToBytes, into: &recipe)
        recipe.merges = try merges()
        if let text = try setting("unk_token").string { recipe.unknown = try id(of: text, in: recipe) }
        try steps.allow([.metaspace, .spaceSplit], model: "BPE")
        try normal.allow([.prefix, .spaceReplacement], model: "BPE")
        recipe.spaces = try spaceRule(steps, normal)
        return recipe
    }

    private func unigram(_ steps: SplitSteps, _ normal: NormalizerSteps) throws(TokenizationError) -> TokenizerRecipe {
        var recipe = TokenizerRecipe(model: .unigram, tokens: TokenTexts())
        recipe.fallsBackToBytes = try setting("byte_fallback").bool ?? false
        let entries = try entriesOfArray()
        try assemble(entries, addedTokens(), byteTokens: recipe.fallsBackToBytes, into: &recipe)
        if let id = try setting("unk_id").integer {
            guard let exact = Int32(exactly: id) else {
                throw TokenizationError(.invalidVocabulary, "tokenizer.json: unk_id is \(id), which is no token id")
            }
            recipe.unknown = exact
        }
        try steps.allow([.metaspace, .words], model: "Unigram")
        try normal.allow(
            [.characterMap, .strip, .spaceRuns, .spaceReplacement, .prefix, .composition], model: "Unigram")
        guard !normal.composes else { throw Self.unsupported("normalizer", "NFC before Unigram") }
        recipe.characterMap = normal.characterMap
        recipe.spaces = try spaceRule(steps, normal)
        return recipe
    }

    private func wordPiece(_ steps: SplitSteps, _ normal: NormalizerSteps) throws(TokenizationError) -> TokenizerRecipe
    {
        var recipe = TokenizerRecipe(model: .wordPiece, tokens: TokenTexts())
        try assemble(entriesOfObject(), addedTokens(), byteTokens: false, into: &recipe)
        recipe.unknown = try id(of: setting("unk_token").string ?? "[UNK]", in: recipe)
        recipe.continuation = Array((try setting("continuing_subword_prefix").string ?? "##").utf8)
        let longest = try setting("max_input_chars_per_word").integer ?? 100
        guard longest == 100 else { throw Self.unsupported("setting", "max_input_chars_per_word of \(longest)") }
        try steps.allow([.bert], model: "WordPiece")
        try normal.allow([.bert], model: "WordPiece")
        guard steps.isBert, let bert = normal.bert else {
            throw Self.unsupported("model", "WordPiece without BertNormalizer and BertPreTokenizer")
        }
        recipe.bert = bert
        return recipe
    }

    private func spaceRule(_ steps: SplitSteps, _ normal: NormalizerSteps) throws(TokenizationError) -> SpaceRule {
        guard normal.replacesSpaces || steps.metaspace != nil else {
            throw Self.unsupported("pre-tokenizer", "none before a model of pieces")
        }
        var spaces = SpaceRule()
        if normal.prepends { spaces.prefix = .afterTokens }
        if let metaspace = steps.metaspace {
            guard !normal.prepends else { throw Self.unsupported("normalizer", "Prepend before Metaspace") }
            spaces.prefix = metaspace.prefix
            spaces.isPrefixSkipped = true
            spaces.cutsWords = metaspace.splits
        }
        spaces.dropsWhiteSpace = steps.dropsWhiteSpace
        spaces.collapses = normal.collapsesSpaces
        return spaces
    }

    /// Refuses unsupported settings that change the result of BPE.
    private func checkBPE() throws(TokenizationError) {
        if let value = try setting("dropout").number, value != 0 { throw Self.unsupported("setting", "dropout") }
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = try setting(name).string, !text.isEmpty { throw Self.unsupported("setting", name) }
        }
    }

    private func checkDecoder(_ decoder: TokenizerComponent) throws(TokenizationError) {
        switch decoder.type {
        case "ByteLevel", "WordPiece", "Metaspace", "Replace", "ByteFallback", "Fuse", "Strip": return
        case "Sequence": for part in decoder["decoders"].elements { try checkDecoder(part) }
        default: if !decoder.isNull { throw Self.unsupported("decoder", decoder.type) }
        }
    }
}
