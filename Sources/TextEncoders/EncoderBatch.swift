import Scheduling

/// Texts whose tokens go through the layers together: the rows of one text after those of the other, without padding.
struct EncoderBatch {
    /// The rows of each text.
    private(set) var texts: [Range<Int>] = []
    /// The token of each row.
    private(set) var tokens: [Int] = []
    /// The position of each row in its text.
    private(set) var positions: [Int] = []

    var rows: Int { tokens.count }
    /// The number of tokens of the longest text.
    var longest: Int { texts.reduce(0) { max($0, $1.count) } }

    mutating func append(_ text: [TokenID]) {
        texts.append(rows..<rows + text.count)
        tokens += text.map { Int($0) }
        positions += 0..<text.count
    }

    /// Cuts a list of texts into neighbouring batches of at most `rows` rows; a longer text is a batch of its own.
    static func cut(_ texts: [[TokenID]], rows: Int) -> [EncoderBatch] {
        var batches: [EncoderBatch] = []
        for text in texts {
            if let last = batches.last, last.rows + text.count <= rows {
                batches[batches.count - 1].append(text)
            } else {
                var batch = EncoderBatch()
                batch.append(text)
                batches.append(batch)
            }
        }
        return batches
    }
}
