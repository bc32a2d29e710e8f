/// Ends an answer at the first of some stop strings, even if the stop string spans several incoming pieces.
///
/// The answer ends as soon as any stop string is complete; the text is cut where that stop string begins (the longest,
/// if several are complete at that moment). Matching compares UTF-8 bytes, without Unicode equivalence.
public struct StopStringMatcher: Sendable {
    /// One state for each prefix of a stop string.
    private struct State {
        /// Bytes matched: the prefix's length.
        var depth: Int
        /// The state of the longest proper suffix that is also a prefix of a stop string.
        var fallback = 0
        /// The length of the longest stop string that is complete here, or 0.
        var complete = 0
    }

    private var states = [State(depth: 0)]
    private var edges: [UInt64: Int] = [:]
    private var state = 0
    /// The text not emitted yet: the bytes that the current state has matched.
    private var held: [UInt8] = []
    private var hasMatched = false

    /// - Parameter stops: the stop strings; empty ones are ignored.
    public init(stops: [String]) {
        for stop in stops where !stop.isEmpty { insert(Array(stop.utf8)) }
        linkFallbacks()
    }

    private mutating func insert(_ stop: [UInt8]) {
        var node = 0
        for byte in stop {
            if let next = edges[Self.edge(node, byte)] {
                node = next
            } else {
                states.append(State(depth: states[node].depth + 1))
                edges[Self.edge(node, byte)] = states.count - 1
                node = states.count - 1
            }
        }
        states[node].complete = stop.count
    }

    private mutating func linkFallbacks() {
        // Parents before children: by depth. The order within a depth has no effect.
        let byDepth = edges.sorted { states[$0.value].depth < states[$1.value].depth }
        for (edge, node) in byDepth {
            let parent = Int(edge >> 8)
            guard parent != 0 else { continue }
            let fallback = step(from: states[parent].fallback, UInt8(truncatingIfNeeded: edge))
            states[node].fallback = fallback
            states[node].complete = max(states[node].complete, states[fallback].complete)
        }
    }

    private static func edge(_ node: Int, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }

    private func step(from start: Int, _ byte: UInt8) -> Int {
        var node = start
        while true {
            if let next = edges[Self.edge(node, byte)] { return next }
            if node == 0 { return 0 }
            node = states[node].fallback
        }
    }

    /// Takes the next piece of the answer.
    /// - Returns: the text that is certain not to belong to a stop string, and whether a stop string is complete. After
    ///   a match every piece is dropped.
    public mutating func append(_ text: String) -> (text: String, matched: Bool) {
        guard !hasMatched else { return ("", true) }
        for byte in text.utf8 {
            held.append(byte)
            state = step(from: state, byte)
            if states[state].complete > 0 {
                hasMatched = true
                held.removeLast(states[state].complete)
                return (release(held.count), true)
            }
        }
        return (release(held.count - states[state].depth), false)
    }

    /// Ends the answer.
    /// - Returns: the text that was held back because it might have begun a stop string; nothing after a match.
    public mutating func finish() -> String {
        state = 0
        return release(held.count)
    }

    private mutating func release(_ count: Int) -> String {
        guard count > 0 else { return "" }
        let text = String(decoding: held[..<count], as: UTF8.self)
        held.removeFirst(count)
        return text
    }
}
