extension TokenizerFile {
    /// Reads from the post-processor the tokens that are put around one text.
    func addSequenceTokens(_ processor: TokenizerComponent, to recipe: inout TokenizerRecipe) throws(TokenizationError)
    {
        switch processor.type {
        case "ByteLevel": return
        case "Sequence":
            for part in processor["processors"].elements { try addSequenceTokens(part, to: &recipe) }
        case "TemplateProcessing": try addTemplate(processor, to: &recipe)
        case "BertProcessing", "RobertaProcessing":
            recipe.sequenceStart = [try Self.tokenID(processor["cls"].elements.last)]
            recipe.sequenceEnd = [try Self.tokenID(processor["sep"].elements.last)]
        default: if !processor.isNull { throw Self.unsupported("post-processor", processor.type) }
        }
    }

    private func addTemplate(_ processor: TokenizerComponent, to recipe: inout TokenizerRecipe)
        throws(TokenizationError)
    {
        var start: [Int32] = []
        var end: [Int32] = []
        var texts = 0
        for part in processor["single"].elements {
            guard let name = part["SpecialToken"]["id"].string else {
                texts += 1
                continue
            }
            for id in processor["special_tokens"][name]["ids"].elements {
                if texts == 0 { start.append(try Self.tokenID(id)) } else { end.append(try Self.tokenID(id)) }
            }
        }
        guard texts == 1 else {
            throw TokenizationError(
                .malformedFile, "tokenizer.json: TemplateProcessing has \(texts) sequences in 'single'; it needs one")
        }
        recipe.sequenceStart = start
        recipe.sequenceEnd = end
    }

    private static func tokenID(_ tree: TokenizerComponent?) throws(TokenizationError) -> Int32 {
        guard let id = tree?.integer, let exact = Int32(exactly: id) else {
            throw TokenizationError(.malformedFile, "tokenizer.json: the post-processor names a token without its id")
        }
        return exact
    }
}
