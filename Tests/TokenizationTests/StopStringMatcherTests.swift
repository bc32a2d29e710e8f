import TestTools
import Testing
import Tokenization

@Suite struct StopStringMatcherTests {
    private func run(_ stops: [String], _ pieces: [String]) -> (text: String, matched: Bool) {
        var matcher = StopStringMatcher(stops: stops)
        var text = ""
        var matched = false
        for piece in pieces {
            let step = matcher.append(piece)
            text += step.text
            matched = step.matched
        }
        return (text + matcher.finish(), matched)
    }

    @Test func cutsAcrossPieces() {
        var matcher = StopStringMatcher(stops: ["\n\nUser:"])
        #expect(matcher.append("Hello\n") == ("Hello", false))
        #expect(matcher.append("\nUs") == ("", false))
        #expect(matcher.append("er: more") == ("", true))
        #expect(matcher.append("x") == ("", true))
        #expect(matcher.finish().isEmpty)
    }

    @Test func releasesWhatDidNotBecomeAStop() {
        var matcher = StopStringMatcher(stops: ["abcd", "bd"])
        #expect(matcher.append("xab") == ("x", false))
        #expect(matcher.append("a") == ("ab", false))
        #expect(matcher.append("bc") == ("", false))
        #expect(matcher.finish() == "abc")
        #expect(matcher.finish().isEmpty)
    }

    @Test func firstCompleteStopWins() {
        #expect(run(["bcd", "c"], ["abcd"]) == ("ab", true))
        #expect(run(["bcd", "c"], ["a", "b", "c", "d"]) == ("ab", true))
        #expect(run(["bc", "c"], ["abc"]) == ("a", true))
        #expect(run(["aab"], ["aaab"]) == ("a", true))
        #expect(run([""], ["abc"]) == ("abc", false))
        #expect(run([], ["abc"]) == ("abc", false))
        #expect(run(["é"], ["e\u{301}", "é!"]) == ("e\u{301}", true))
        #expect(run(["海"], ["a", "海"]) == ("a", true))
    }

    /// The text before the stop string that is complete first, by looking at every end in turn.
    private func naive(_ stops: [String], _ text: String) -> (text: String, matched: Bool) {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let complete = stops.map { Array($0.utf8) }.filter {
                !$0.isEmpty && bytes[..<end].reversed().starts(with: $0.reversed())
            }
            if let longest = complete.map(\.count).max() {
                return (String(decoding: bytes[..<(end - longest)], as: UTF8.self), true)
            }
        }
        return (text, false)
    }

    @Test func matchesNaiveSearchHoweverTheTextIsCut() {
        var random = SplitMix(seed: 3)
        let letters = ["a", "b", "é", "海"]
        func word(_ lengths: ClosedRange<Int>) -> String {
            (0..<Int.random(in: lengths, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }
                .joined()
        }
        var matches = 0
        for _ in 0..<20_000 {
            let stops = (0..<Int.random(in: 0...4, using: &random)).map { _ in word(0...4) }
            let pieces = (0..<Int.random(in: 0...6, using: &random)).map { _ in word(0...4) }
            let expected = naive(stops, pieces.joined())
            #expect(run(stops, pieces) == expected, "\(stops) \(pieces)")
            if expected.matched { matches += 1 }
        }
        #expect(matches > 5_000 && matches < 19_000)
    }

    /// Nothing is held back that cannot begin a stop string.
    @Test func holdsBackNoMoreThanItMust() {
        var random = SplitMix(seed: 5)
        for _ in 0..<5_000 {
            let stop = String((0..<5).map { _ in "ab".randomElement(using: &random) ?? "a" })
            var matcher = StopStringMatcher(stops: [stop])
            var text = ""
            var emitted = ""
            for _ in 0..<12 {
                let letter = String("ab".randomElement(using: &random) ?? "a")
                text += letter
                let step = matcher.append(letter)
                emitted += step.text
                if step.matched { break }
                let held = String(text.dropFirst(emitted.count))
                #expect(stop.hasPrefix(held) && held.count < stop.count)
                #expect((held.count + 1..<stop.count).allSatisfy { !text.hasSuffix(stop.prefix($0)) })
            }
        }
    }
}
