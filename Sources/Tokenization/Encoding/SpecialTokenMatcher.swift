/// Finds the tokens that are matched as whole texts before any cutting into words: a trie over their bytes.
struct SpecialTokenMatcher: Sendable {
    private struct Node {
        /// The token that ends here.
        var token: Int32 = -1
        /// Whether it may be matched in user text too.
        var isUserDefined = false
        /// Whether longer tokens go on from here.
        var hasChildren = false
    }

    private var nodes = [Node()]
    /// From (node, byte) to the node below.
    private var edges: [UInt64: Int] = [:]
    /// Whether a token starts with this byte.
    private var isFirstByte = [Bool](repeating: false, count: 256)

    /// Adds a token. An empty text is never matched; of two equal texts the later token is found.
    mutating func insert(_ text: some Collection<UInt8>, token: Int32, isUserDefined: Bool) {
        guard let first = text.first else { return }
        isFirstByte[Int(first)] = true
        var node = 0
        for byte in text {
            let edge = Self.edge(node, byte)
            if let next = edges[edge] {
                node = next
            } else {
                nodes[node].hasChildren = true
                nodes.append(Node())
                edges[edge] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        nodes[node].token = token
        nodes[node].isUserDefined = isUserDefined
    }

    /// Whether a match can start at `byte`.
    @inline(__always)
    func mayStart(with byte: UInt8) -> Bool { isFirstByte[Int(byte)] }

    /// The longest token that starts at `start`.
    /// - Parameter templateEnd: the end of the template text around `start`: control tokens must end at or before it.
    func longestMatch(
        in bytes: UnsafeBufferPointer<UInt8>, at start: Int, templateEnd: Int
    ) -> (token: Int32, end: Int)? {
        var best: (token: Int32, end: Int)?
        var node = 0
        var index = start
        while index < bytes.count, nodes[node].hasChildren, let next = edges[Self.edge(node, bytes[index])] {
            node = next
            index += 1
            let found = nodes[node]
            if found.token >= 0, found.isUserDefined || index <= templateEnd { best = (found.token, index) }
        }
        return best
    }

    private static func edge(_ node: Int, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }
}
