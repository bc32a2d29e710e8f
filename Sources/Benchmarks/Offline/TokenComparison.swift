import Scheduling

/// Compares the tokens of all runs of a benchmark with those of the first run.
package struct TokenComparison: Sendable {
    /// The names of the requests in messages.
    private let ids: [String]
    private var first: (tokens: [[TokenID]], run: String)?

    /// - Parameter ids: the ids of the requests, in the order in which their tokens will come.
    package init(ids: [String]) { self.ids = ids }

    /// Takes the tokens of a run, request by request. The tokens of the first run are the reference for all others.
    /// - Throws: `BenchmarkError` with code `tokensDiffer`, which names the first request whose tokens differ, the
    ///   position and the two runs.
    package mutating func take(_ tokens: [[TokenID]], of run: String) throws(BenchmarkError) {
        precondition(tokens.count == ids.count, "tokens of \(tokens.count) requests; the workload has \(ids.count)")
        guard let first else {
            self.first = (tokens, run)
            return
        }
        guard let index = tokens.indices.first(where: { tokens[$0] != first.tokens[$0] }) else { return }
        let (a, b) = (first.tokens[index], tokens[index])
        let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
        func token(_ list: [TokenID]) -> String { place < list.count ? "\(list[place])" : "none" }
        throw BenchmarkError(
            .tokensDiffer,
            "request '\(ids[index])': token \(place) is \(token(a)) with \(first.run) and \(token(b)) with \(run): a "
                + "bug in Tideway")
    }
}
