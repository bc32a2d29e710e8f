import Scheduling
import TestTools
import Testing

@Suite struct BlockForecastTests {
    private struct Request {
        let tokens: Int
        let steps: Int
    }

    private func draw(_ random: inout SplitMix, longest: Int) -> [Request] {
        (0..<random.int(0...12)).map { _ in
            Request(tokens: random.int(0...longest), steps: random.oneIn(4) ? 0 : random.int(0...longest))
        }
    }

    private func blocks(_ tokens: Int, of size: Int) -> Int { (tokens + size - 1) / size }

    /// Blocks in use after `step` steps, if a request counts for `lag` steps after its last.
    private func usage(_ requests: [Request], at step: Int, lag: Int, block: Int) -> Int {
        requests.reduce(0) { $1.steps >= step - lag ? $0 + blocks($1.tokens + min(step, $1.steps), of: block) : $0 }
    }

    /// Up to 16 steps there is a bin for each.
    @Test func thePeakOfShortAnswersIsExact() {
        for seed in 0..<500 {
            var random = SplitMix(seed: seed)
            let block = random.element([1, 2, 16])
            let requests = draw(&random, longest: 12)
            var forecast = BlockForecast(tokensPerBlock: block)
            for request in requests { forecast.add(tokens: request.tokens, steps: request.steps) }
            let peak = (0...40).map { usage(requests, at: $0, lag: BlockForecast.lag, block: block) }.max()!
            #expect(forecast.peak == peak, "seed \(seed)")
            #expect(forecast.requests == requests.count)
        }
    }

    @Test func thePeakOfLongAnswersIsNeverTooLowAndHardlyTooHigh() {
        for seed in 0..<200 {
            var random = SplitMix(seed: seed)
            let block = random.element([1, 16])
            let requests = draw(&random, longest: 3000)
            var forecast = BlockForecast(tokensPerBlock: block)
            for request in requests { forecast.add(tokens: request.tokens, steps: request.steps) }
            let all = (0...3010).map { usage(requests, at: $0, lag: BlockForecast.lag, block: block) }
            let peak = all.max()!
            #expect(forecast.peak >= peak, "seed \(seed)")
            // A bin is a sixteenth of its steps wide, and a request may end at its beginning.
            let late = (0...3010).map { usage(requests, at: $0, lag: BlockForecast.lag + $0 / 16, block: block) }
            let slack = requests.reduce(0) { $0 + blocks($1.steps / 16 + 1, of: block) }
            #expect(forecast.peak <= late.max()! + slack, "seed \(seed)")
        }
    }

    /// Requests that really run, each up to two steps ahead of or behind the others, and leave when their last step has
    /// retired: never above the peak.
    @Test func theTrueUseStaysWithinThePeak() {
        for seed in 0..<300 {
            var random = SplitMix(seed: seed)
            let block = random.element([1, 2, 5])
            let requests = draw(&random, longest: 40)
            var forecast = BlockForecast(tokensPerBlock: block)
            for request in requests { forecast.add(tokens: request.tokens, steps: request.steps) }
            for foremost in 0...45 {
                let used = requests.reduce(0) { sum, request in
                    let taken = min(request.steps, max(0, foremost - random.int(0...2)))
                    // Given its last step with the foremost's step before the last, it has retired.
                    let isGone = request.steps <= foremost - 4
                    return sum + (isGone ? 0 : blocks(request.tokens + taken, of: block))
                }
                #expect(used <= forecast.peak, "seed \(seed)")
            }
        }
    }

    @Test func oneMoreRequestIsForeseenWithoutBeingCounted() {
        for seed in 0..<200 {
            var random = SplitMix(seed: seed)
            var forecast = BlockForecast(tokensPerBlock: 16)
            for request in draw(&random, longest: 500) { forecast.add(tokens: request.tokens, steps: request.steps) }
            let before = forecast.peak
            let foreseen = forecast.peak(addingTokens: 70, steps: 90)
            #expect(forecast.peak == before)
            forecast.add(tokens: 70, steps: 90)
            #expect(forecast.peak == foreseen)
        }
    }

    @Test func manyAtOnceCountAsOneByOne() {
        for seed in 0..<300 {
            var random = SplitMix(seed: seed)
            let block = random.element([1, 3, 16])
            let longest = random.element([12, 500, 5000, 2_000_000])
            var single = BlockForecast(tokensPerBlock: block)
            single.add(tokens: 7, steps: 33)
            var bulk = single
            let requests = draw(&random, longest: longest) + draw(&random, longest: 100)
            for request in requests { single.add(tokens: request.tokens, steps: request.steps) }
            bulk.add(requests.map { BlockForecast.Request(tokens: $0.tokens, steps: $0.steps) })
            #expect(bulk.peak == single.peak && bulk.requests == single.requests, "seed \(seed)")
            for _ in 0..<20 {
                let (tokens, steps) = (random.int(0...longest), random.int(0...longest))
                #expect(
                    bulk.peak(addingTokens: tokens, steps: steps) == single.peak(addingTokens: tokens, steps: steps),
                    "seed \(seed)")
            }
        }
    }

    @Test func theShortLeaveBeforeTheLongGrow() {
        // Ten answers of 10 steps have left when one of 100 is long: 11 * 10 blocks at first, 110 at last.
        var forecast = BlockForecast(tokensPerBlock: 1)
        for _ in 0..<10 { forecast.add(tokens: 0, steps: 10) }
        forecast.add(tokens: 0, steps: 100)
        // All have 10 tokens at step 10, and count up to step 13.
        #expect(forecast.peak == 10 * 10 + 13)
    }

    @Test func blocksThatAreLeavingCountForTheFirstSteps() {
        var forecast = BlockForecast(tokensPerBlock: 1)
        forecast.add(tokens: 5, steps: 50)
        forecast.add(leavingBlocks: 20)
        #expect(forecast.peak == 55)
        forecast.add(leavingBlocks: 40)
        #expect(forecast.peak == 5 + BlockForecast.lag + 60)
        forecast.removeAll()
        #expect(forecast.peak == 0 && forecast.requests == 0)
    }

    private func drawLikely(_ random: inout SplitMix, longest: Int) -> BlockForecast.Request {
        let steps = (0..<LikelyLengths.count).map { _ in random.int(0...longest) }
        let likely = random.oneIn(4) ? LikelyLengths(known: steps[0]) : LikelyLengths(steps)
        return BlockForecast.Request(tokens: random.int(0...longest), steps: likely)
    }

    /// In each step the mean over the eight lengths, each counted as if it were known.
    @Test func aRequestOfUnknownLengthCountsWithItsMean() {
        for seed in 0..<300 {
            var random = SplitMix(seed: seed)
            let block = random.element([1, 3, 16])
            let requests = (0..<random.int(1...9)).map { _ in drawLikely(&random, longest: 12) }
            var forecast = BlockForecast(tokensPerBlock: block)
            for request in requests { forecast.add(tokens: request.tokens, steps: request.steps) }
            let eighths = (0...40).map { step in
                (0..<LikelyLengths.count).reduce(0) { sum, part in
                    let known = requests.map { Request(tokens: $0.tokens, steps: $0.steps[part]) }
                    return sum + usage(known, at: step, lag: BlockForecast.lag, block: block)
                }
            }
            #expect(forecast.peak == (eighths.max()! + 7) / 8, "seed \(seed)")
        }
    }

    @Test func manyOfUnknownLengthCountAsOneByOne() {
        for seed in 0..<300 {
            var random = SplitMix(seed: seed)
            let longest = random.element([12, 500, 5000, 2_000_000])
            let requests = (0..<random.int(0...12)).map { _ in drawLikely(&random, longest: longest) }
            var single = BlockForecast(tokensPerBlock: random.element([1, 3, 16]))
            var bulk = single
            for request in requests {
                let foreseen = single.peak(addingTokens: request.tokens, steps: request.steps)
                single.add(tokens: request.tokens, steps: request.steps)
                #expect(single.peak == foreseen, "seed \(seed)")
            }
            bulk.add(requests)
            #expect(bulk.peak == single.peak && bulk.requests == single.requests, "seed \(seed)")
            let more = drawLikely(&random, longest: longest)
            #expect(
                bulk.peak(addingTokens: more.tokens, steps: more.steps)
                    == single.peak(addingTokens: more.tokens, steps: more.steps), "seed \(seed)")
        }
    }
}
