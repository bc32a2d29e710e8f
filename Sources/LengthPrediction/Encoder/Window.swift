import Scheduling

/// Which tokens of a text that is longer than an encoder's window are kept.
package enum Window: String, Sendable, Hashable, CaseIterable {
    /// The first tokens, which is how sentence encoders are normally used.
    case first
    /// Half from the beginning and half from the end, since the instruction may be at either end of a prompt.
    case ends

    /// At most `count` of the tokens, in their order.
    func cut(_ tokens: [TokenID], to count: Int) -> [TokenID] {
        guard tokens.count > count else { return tokens }
        switch self {
        case .first: return Array(tokens.prefix(count))
        case .ends: return Array(tokens.prefix(count - count / 2) + tokens.suffix(count / 2))
        }
    }
}
