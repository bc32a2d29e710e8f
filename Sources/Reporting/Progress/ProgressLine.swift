import Scheduling

/// Formats the state of a run as one line:
/// `▕██████▌   ▏ 31/48 requests · decode · 412 tok/s · KV 37 % · 0:08 left`.
package struct ProgressLine: Sendable, Hashable {
    package let style: TextStyle

    package init(style: TextStyle) {
        self.style = style
    }

    /// A part of the line. If columns are short, the part of the highest rank is dropped first.
    private struct Part {
        let rank: Int
        let text: String
    }

    /// The line without a line break, in at most `columns` terminal columns. If the whole line does not fit, the token
    /// counts and the elapsed time are dropped first, then the bar, the KV use, the phase, the rate and the time left;
    /// the count of requests stays, and is cut if it must be.
    package func text(_ state: ProgressState, columns: Int) -> String {
        var parts = parts(state)
        var line = joined(parts)
        while line.displayWidth > columns, let rank = parts.map(\.rank).max(), rank > 0 {
            parts.removeAll { $0.rank == rank }
            line = joined(parts)
        }
        return line.truncated(toWidth: columns, ellipsis: style.ellipsis)
    }

    private func parts(_ state: ProgressState) -> [Part] {
        func count(_ value: Int) -> String { Quantities.grouped(value, separator: style.groupSeparator) }
        var parts = [Part(rank: 6, text: bar(state.shareDone))]
        parts.append(
            Part(rank: 0, text: "\(count(state.requestsDone))/\(count(state.requestsTotal)) requests"))
        if state.failed > 0 { parts.append(Part(rank: 1, text: "\(count(state.failed)) failed")) }
        if let phase = state.phase { parts.append(Part(rank: 4, text: phase.rawValue)) }
        let rate = Quantities.rate(state.tokensPerSecond, unit: "tok", separator: style.groupSeparator)
        parts.append(Part(rank: 3, text: rate))
        if let use = state.kvUse { parts.append(Part(rank: 5, text: "KV " + Quantities.percent(use))) }
        parts.append(Part(rank: 8, text: "\(count(state.promptTokens)) in, \(count(state.outputTokens)) out"))
        parts.append(Part(rank: 7, text: Quantities.clock(state.elapsedSeconds)))
        if let left = state.secondsLeft { parts.append(Part(rank: 2, text: Quantities.clock(left) + " left")) }
        return parts
    }

    private func joined(_ parts: [Part]) -> String {
        // The bar is the only part without a dot after it.
        let hasBar = parts.first?.rank == 6
        let rest = parts.dropFirst(hasBar ? 1 : 0).map(\.text).joined(separator: style.dot)
        return hasBar ? parts[0].text + " " + rest : rest
    }

    /// Ten columns between two edges; Unicode has eighths of a column.
    private func bar(_ share: Double) -> String {
        let width = 10
        let share = share.isFinite ? min(1, max(0, share)) : 0
        if style == .ascii {
            let full = Int(share * Double(width))
            let head = full < width && share > 0 ? ">" : ""
            return "[" + String(repeating: "#", count: full) + head
                + String(repeating: " ", count: width - full - head.count) + "]"
        }
        let eighths = Int(share * Double(width * 8))
        let head = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return "▕" + String(repeating: "█", count: eighths / 8) + head
            + String(repeating: " ", count: width - eighths / 8 - head.count) + "▏"
    }
}
