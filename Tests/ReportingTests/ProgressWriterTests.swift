import Reporting
import Scheduling
import Testing

@Suite struct ProgressWriterTests {
    private final class Screen {
        var text = ""
    }

    private let screen = Screen()
    private let state = ProgressState(requestsDone: 1, requestsTotal: 2)

    private func writer(isTerminal: Bool, columns: Int = 15) -> ProgressWriter {
        let screen = screen
        return ProgressWriter(
            style: .ascii, isTerminal: isTerminal, columns: { columns }, write: { screen.text += $0 })
    }

    @Test func theLimiterAdmitsOnceInAnInterval() {
        var limiter = RedrawLimiter(intervalNanoseconds: 200_000_000)
        let admitted = [0, 100, 199, 200, 350, 400, 1000, 1001].filter { limiter.admits(at: at($0)) }
        #expect(admitted == [0, 200, 400, 1000])
    }

    @Test func theLimiterOutlivesAClockThatGoesBack() {
        var limiter = RedrawLimiter(intervalNanoseconds: 200)
        let admitted = [Int64.max, .min, .max, .max].map { limiter.admits(at: Instant(nanoseconds: $0)) }
        #expect(admitted == [true, true, true, false])
    }

    @Test func aTerminalShowsOneLiveLine() {
        var writer = writer(isTerminal: true)
        writer.update(state, at: at(0))
        writer.update(state, at: at(100))
        writer.update(state, at: at(250))
        #expect(screen.text == "\r\u{1B}[K1/2 requests\r\u{1B}[K1/2 requests")
        screen.text = ""
        writer.finish(ProgressState(requestsDone: 2, requestsTotal: 2))
        #expect(screen.text == "\r\u{1B}[K2/2 requests\n")
    }

    @Test func theLastColumnStaysFree() {
        var writer = writer(isTerminal: true, columns: 12)
        writer.update(state, at: at(0))
        #expect(screen.text == "\r\u{1B}[K1/2 reques.")
    }

    @Test func aNoteClearsTheLiveLine() {
        var writer = writer(isTerminal: true)
        writer.note("first")
        writer.update(state, at: at(0))
        writer.note("second")
        writer.note("third")
        #expect(screen.text == "first\n\r\u{1B}[K1/2 requests\r\u{1B}[Ksecond\nthird\n")
    }

    @Test func aLogGetsAPlainLineEveryTenSeconds() {
        var writer = writer(isTerminal: false)
        for second in stride(from: 0, through: 21, by: 1) { writer.update(state, at: at(second * 1000)) }
        let lines = screen.text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.hasPrefix("[#####>    ] 1/2 requests | 0.00 tok/s") })
        #expect(!screen.text.contains("\u{1B}"))
    }
}
