import Reporting
import Scheduling
import Testing

@Suite struct ProgressLineTests {
    private let state = ProgressState(
        requestsDone: 31, requestsTotal: 48, phase: .decode, tokensPerSecond: 412, promptTokens: 12_345,
        outputTokens: 6789, elapsedSeconds: 14.6, kvUse: 0.37)

    @Test func theWholeLine() {
        let line = ProgressLine(style: .unicode).text(state, columns: 200)
        #expect(
            line == "▕██████▍   ▏ 31/48 requests · decode · 412 tok/s · KV 37 % · 12\u{202F}345 in, 6\u{202F}789 out"
                + " · 0:15 · 0:08 left")
    }

    @Test func asciiUsesNoOtherCharacters() {
        let line = ProgressLine(style: .ascii).text(state, columns: 200)
        #expect(
            line == "[######>   ] 31/48 requests | decode | 412 tok/s | KV 37 % | 12,345 in, 6,789 out"
                + " | 0:15 | 0:08 left")
    }

    @Test func partsGiveWayToNarrowTerminals() {
        let line = ProgressLine(style: .unicode)
        #expect(
            line.text(state, columns: 80) == "▕██████▍   ▏ 31/48 requests · decode · 412 tok/s · KV 37 % · 0:15"
                + " · 0:08 left")
        #expect(
            line.text(state, columns: 70) == "▕██████▍   ▏ 31/48 requests · decode · 412 tok/s · KV 37 % · 0:08 left")
        #expect(line.text(state, columns: 40) == "31/48 requests · 412 tok/s · 0:08 left")
        #expect(line.text(state, columns: 14) == "31/48 requests")
        #expect(line.text(state, columns: 9) == "31/48 re…")
        #expect(line.text(state, columns: 0) == "")
    }

    @Test(arguments: [TextStyle.unicode, .ascii]) func theLineNeverExceedsItsColumns(style: TextStyle) {
        var failing = state
        failing.failed = 3
        for columns in 0...130 {
            #expect(ProgressLine(style: style).text(failing, columns: columns).count <= columns)
        }
    }

    @Test func failuresAreShown() {
        var failing = state
        failing.failed = 2
        #expect(ProgressLine(style: .ascii).text(failing, columns: 200).contains("31/48 requests | 2 failed | decode"))
    }

    @Test func theBarFills() {
        func bar(_ done: Int, _ style: TextStyle) -> String {
            let state = ProgressState(requestsDone: done, requestsTotal: 80)
            return String(ProgressLine(style: style).text(state, columns: 200).prefix(12))
        }
        #expect(bar(0, .unicode) == "▕          ▏")
        #expect(bar(1, .unicode) == "▕▏         ▏")
        #expect(bar(79, .unicode) == "▕█████████▉▏")
        #expect(bar(80, .unicode) == "▕██████████▏")
        #expect(bar(0, .ascii) == "[          ]")
        #expect(bar(1, .ascii) == "[>         ]")
        #expect(bar(79, .ascii) == "[#########>]")
        #expect(bar(80, .ascii) == "[##########]")
    }

    @Test func theTimeLeftFollowsTheLargerShare() {
        var state = ProgressState(requestsDone: 10, requestsTotal: 40, elapsedSeconds: 30)
        #expect(state.secondsLeft == 90)
        state.promptTokens = 400
        state.outputTokens = 100
        state.expectedTokens = 1000
        #expect(state.shareDone == 0.5)
        #expect(state.secondsLeft == 30)
        state.expectedTokens = 10_000
        #expect(state.secondsLeft == 90)
        // Tokens alone never end a run.
        state.expectedTokens = 400
        #expect(state.shareDone == 0.99)
        state.requestsDone = 40
        #expect(state.secondsLeft == 0)
    }

    @Test func tooEarlyToTell() {
        #expect(ProgressState(requestsDone: 0, requestsTotal: 10, elapsedSeconds: 50).secondsLeft == nil)
        #expect(ProgressState(requestsDone: 5, requestsTotal: 10, elapsedSeconds: 0.9).secondsLeft == nil)
        #expect(ProgressState(requestsDone: 0, requestsTotal: 0).secondsLeft == 0)
    }

    @Test func styleFollowsTheLocale() {
        #expect(TextStyle(lcAll: nil, lcCtype: nil, lang: "en_GB.UTF-8") == .unicode)
        #expect(TextStyle(lcAll: nil, lcCtype: nil, lang: "C.utf8") == .unicode)
        #expect(TextStyle(lcAll: "C", lcCtype: "en_GB.UTF-8", lang: "en_GB.UTF-8") == .ascii)
        #expect(TextStyle(lcAll: "", lcCtype: "en_GB.UTF-8", lang: "C") == .unicode)
        #expect(TextStyle(lcAll: nil, lcCtype: nil, lang: nil) == .ascii)
    }
}
