import Scheduling

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What may be drawn, by definition: sorted lists in f64.
struct ReferenceSampler {
    /// The tokens that are kept with their probabilities, most likely first, lower token id first among equals.
    let kept: [(token: TokenID, probability: Double)]

    /// Min-p, then top-k, then top-p, each of what the one before left.
    init(_ logits: [Float], _ parameters: SamplingParameters) {
        let scaled = logits.map { Double($0) / Double(parameters.temperature) }
        let highest = scaled.max()!
        var list = scaled.enumerated().map { (token: TokenID($0), weight: exp($1 - highest)) }
        list.sort { ($0.weight, -$0.token) > ($1.weight, -$1.token) }
        if parameters.minP > 0 { list = list.filter { $0.weight >= Double(parameters.minP) } }
        if parameters.topK > 0 { list = Array(list.prefix(parameters.topK)) }
        if parameters.topP < 1 {
            let mass = list.reduce(0) { $0 + $1.weight }
            var sum = 0.0
            let count = list.firstIndex { entry in
                sum += entry.weight
                return sum >= Double(parameters.topP) * mass
            }
            list = Array(list.prefix(count.map { $0 + 1 } ?? list.count))
        }
        let total = list.reduce(0) { $0 + $1.weight }
        kept = list.map { ($0.token, $0.weight / total) }
    }

    var tokens: Set<TokenID> { Set(kept.map(\.token)) }

    /// The chi-square statistic of drawn tokens, and its degrees of freedom. Infinite if one was drawn that is not
    /// kept.
    func chiSquare(_ drawn: [TokenID]) -> (statistic: Double, freedom: Int) {
        var counts: [TokenID: Int] = [:]
        for token in drawn { counts[token, default: 0] += 1 }
        guard Set(counts.keys).isSubset(of: tokens) else { return (.infinity, kept.count - 1) }
        let statistic = kept.reduce(0) { sum, entry in
            let expected = entry.probability * Double(drawn.count)
            let difference = Double(counts[entry.token] ?? 0) - expected
            return sum + difference * difference / expected
        }
        return (statistic, kept.count - 1)
    }
}
