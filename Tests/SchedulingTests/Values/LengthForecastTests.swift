import Scheduling
import TestTools
import Testing

@Suite struct LengthForecastTests {
    @Test func lengthsAreInAscendingOrder() {
        let forecast = LengthForecast([80, 10, 40, 20, 70, 30, 60, 50])
        #expect(forecast.tokens == [10, 20, 30, 40, 50, 60, 70, 80])
        #expect(forecast.mean == 45)
        #expect(forecast == LengthForecast([10, 20, 30, 40, 50, 60, 70, 80]))
        #expect(LengthForecast(tokens: 7).tokens == Array(repeating: 7, count: 8))
        #expect(LengthForecast.count == 8 && LengthForecast.longest == 65_535)
    }

    @Test(arguments: [
        (Int.min, 1), (-1, 1), (0, 1), (1, 1), (2, 2), (65_534, 65_534), (65_535, 65_535), (65_536, 65_535),
        (Int.max, 65_535),
    ])
    func eachLengthIsBroughtIntoTheRange(given: Int, expected: Int) {
        let forecast = LengthForecast(tokens: given)
        #expect(forecast.tokens == Array(repeating: expected, count: 8))
        // No sum of eight of them overflows.
        #expect(forecast.mean == Double(expected))
        #expect(forecast.mean(beyond: 0) == Double(expected))
        #expect(LengthForecast([5, 5, 5, 5, 5, 5, 5, given]).tokens.contains(expected))
    }

    @Test func onlyTheLongerOnesCountForAnAnswerUnderWay() {
        let forecast = LengthForecast([10, 10, 20, 20, 40, 40, 100, 160])
        for (generated, expected) in [
            (Int.min, 50.0), (-1, 50), (0, 50), (9, 50), (10, 380.0 / 6), (19, 380.0 / 6), (20, 85), (39, 85),
            (40, 130), (99, 130), (100, 160), (159, 160),
        ] {
            #expect(forecast.mean(beyond: generated) == expected, "\(generated)")
        }
    }

    @Test func anAnswerThatOutlivedAllGoesOnForAQuarter() {
        let forecast = LengthForecast([10, 10, 20, 20, 40, 40, 100, 160])
        for (generated, expected) in [(160, 201.0), (161, 202.25), (1000, 1251), (100_000, 125_001)] {
            #expect(forecast.mean(beyond: generated) == expected, "\(generated)")
        }
        #expect(LengthForecast(tokens: .max).mean(beyond: 65_534) == 65_535)
        #expect(LengthForecast(tokens: .max).mean(beyond: 65_535) == 65_535 * 1.25 + 1)
        #expect(forecast.mean(beyond: .max) > 1e18)
    }

    /// Against the definition.
    @Test(arguments: 0..<20)
    func theMeanOfTheSurvivors(seed: Int) {
        var random = SplitMix(seed: seed)
        for _ in 0..<200 {
            let most = random.element([5, 300, 65_535])
            let lengths = (0..<8).map { _ in random.int(1...most) }
            let forecast = LengthForecast(lengths)
            let generated = random.int(0...most)
            let longer = lengths.filter { $0 > generated }
            let expected =
                longer.isEmpty
                ? Double(generated) * 1.25 + 1 : Double(longer.reduce(0, +)) / Double(longer.count)
            #expect(forecast.mean(beyond: generated) == expected, "\(lengths) \(generated)")
            #expect(forecast.mean == Double(lengths.reduce(0, +)) / 8)
        }
    }
}
