import Scheduling

extension StepLoad {
    /// An estimate of the tokens whose keys and values a micro-batch reads from memory: the length of each sequence,
    /// once, however many of its rows attend to it. A decode step reads its whole context; a prompt reads each token
    /// once for all rows.
    ///
    /// A load does not say how its context is divided among sequences. The estimate is exact for decode steps (as many
    /// rows as draws), and for one prompt or chunk (at most one draw). Otherwise it assumes one chunk, and decode steps
    /// whose context is as long as the tokens before the chunk; or, if the context is too short for that, several
    /// prompts from their beginnings.
    public var estimatedCacheReads: Double {
        let (rows, attended) = (Double(tokens), Double(context))
        guard rows > 0, attended > 0 else { return 0 }
        if sequences >= tokens { return attended }
        if sequences <= 1 { return attended / rows + (rows - 1) / 2 }
        let (decoding, chunk) = (Double(sequences), rows - Double(sequences))
        let before = attended - chunk * (chunk + 1) / 2
        guard before > 0 else { return min(attended, rows) }
        return min(attended, decoding * before / rows + chunk + before / rows)
    }
}
