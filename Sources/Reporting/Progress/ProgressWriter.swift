import Platform
import Scheduling

/// Shows the progress of a run: on a terminal one live line, redrawn up to five times a second; elsewhere, as in a log
/// file, a plain line every ten seconds.
///
/// A writer has one owner, which calls it from one thread at a time.
package struct ProgressWriter {
    private let line: ProgressLine
    private let isTerminal: Bool
    private let columns: () -> Int
    private let write: (String) -> Void
    private var limiter: RedrawLimiter
    private var hasLiveLine = false

    /// `columns` is called at each redraw, since a terminal may be resized; `write` writes text unchanged.
    package init(
        style: TextStyle, isTerminal: Bool, columns: @escaping () -> Int, write: @escaping (String) -> Void
    ) {
        line = ProgressLine(style: style)
        self.isTerminal = isTerminal
        self.columns = columns
        self.write = write
        limiter = RedrawLimiter(intervalNanoseconds: isTerminal ? 200_000_000 : 10_000_000_000)
    }

    /// Shows `state` if enough time has passed since the last state was shown.
    package mutating func update(_ state: ProgressState, at now: Instant) {
        guard limiter.admits(at: now) else { return }
        show(state)
    }

    /// Shows the last state at once, and ends the live line.
    package mutating func finish(_ state: ProgressState) {
        show(state)
        if hasLiveLine { write("\n") }
        hasLiveLine = false
    }

    /// Writes a message on a line of its own; the live line comes back at the next redraw.
    package mutating func note(_ message: String) {
        write((hasLiveLine ? Self.clearedLine : "") + message + "\n")
        hasLiveLine = false
    }

    private mutating func show(_ state: ProgressState) {
        guard isTerminal else { return write(line.text(state, columns: .max) + "\n") }
        // A character in the last column makes some terminals wrap, so the last column stays free.
        write(Self.clearedLine + line.text(state, columns: max(0, columns() - 1)))
        hasLiveLine = true
    }

    /// Moves back to the first column and erases to the end of the line.
    private static let clearedLine = "\r\u{1B}[K"
}

extension ProgressWriter {
    /// Writes to the process's standard error, in the style of the locale in the environment.
    package static func standardError() -> ProgressWriter {
        let variable = Environment.variable
        let style = TextStyle(lcAll: variable("LC_ALL"), lcCtype: variable("LC_CTYPE"), lang: variable("LANG"))
        let stream = StandardStream.error
        // Progress is a courtesy: what cannot be written is dropped.
        return ProgressWriter(
            style: style, isTerminal: stream.isTerminal && variable("TERM") != "dumb",
            columns: { stream.columns ?? 80 }, write: { stream.write($0) })
    }
}
