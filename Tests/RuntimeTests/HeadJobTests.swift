import Runtime
import Scheduling
import StageDevices
import TestTools
import Testing

/// How stages take the output head's work from each other. A job is walked by hand here, in drawn orders.
@Suite("Work of the output head")
struct HeadJobTests {
    private static let vocabulary = 1000

    private func ranges(_ cuts: [Int], reach: [Range<Int>?]) -> [LayerRange] {
        let edges = [0] + cuts + [Self.vocabulary]
        return reach.indices.map {
            LayerRange(
                layers: $0..<$0 + 1, vocabulary: edges[$0]..<edges[$0 + 1], vocabularyReach: reach[$0],
                hasEmbedding: $0 == 0,
                hasFinalNorm: $0 == reach.count - 1)
        }
    }

    /// A micro-batch of rows that each draw a token, in so many groups.
    private func batch(rows: Int, groups: Int) -> (MicroBatch, [any HeadGroup]) {
        let slices = (0..<rows).map { row in
            SequenceSlice(
                request: RequestID(row), start: 0, tokens: [1], blocks: [0],
                sampling: SamplingTask(parameters: .greedy, generated: 0, history: []))
        }
        let batch = MicroBatch(id: MicroBatchID(3), phase: .decode, slices: slices)
        return (
            batch, (0..<groups).map { EmptyGroup(slices: Array(rows * $0 / groups..<rows * ($0 + 1) / groups)) }
        )
    }

    @Test("each token of each group is given out once, within reach, whoever comes when; one result comes of it")
    func everyTokenOnce() throws {
        let whole = 0..<Self.vocabulary
        let settings: [([Int], [Range<Int>?])] = [
            ([], [nil]), ([512], [whole, whole]), ([512], [nil, nil]), ([512], [nil, whole]), ([0], [whole, whole]),
            ([1000], [whole, whole]), ([320, 640], [whole, nil, 320..<1000]), ([160, 160], [whole, whole, whole]),
        ]
        for (cuts, reach) in settings {
            let ranges = ranges(cuts, reach: reach)
            for seed: UInt64 in 0..<40 {
                let (batch, groups) = batch(rows: 40, groups: 1 + Int(seed % 3))
                let job = HeadJob(
                    batch, groups: groups, shares: HeadShares(ranges, vocabularyUnit: seed % 2 == 0 ? 16 : 1),
                    stageSeconds: [Double](repeating: 1, count: ranges.count))
                var walk = HeadWalk(job, ranges: ranges, seed: seed)
                let result = try #require(try walk.run())
                #expect(walk.given.count == groups.count)
                for tokens in walk.given {
                    #expect(tokens.sorted() == Array(whole))
                }
                #expect(result.tokens.map { $0.map(\.token) } == (0..<40).map { [TokenID($0)] })
                for (stage, seconds) in result.stageSeconds.enumerated() {
                    #expect(seconds == (walk.hasWorked[stage] ? 3 : 1), "stage \(stage)")
                }
            }
        }
    }

    @Test("a stage takes its own share first, then the ends of what others have left")
    func order() throws {
        let whole = 0..<Self.vocabulary
        let ranges = ranges([512], reach: [whole, whole])
        let (batch, groups) = batch(rows: 3, groups: 1)
        let job = HeadJob(batch, groups: groups, shares: HeadShares(ranges, vocabularyUnit: 16), stageSeconds: [0, 0])
        var taken: [Range<Int>] = []
        while let piece = job.take(0, for: StageID(1)) { taken.append(piece) }
        let split = try #require(taken.firstIndex { $0.lowerBound < 512 })
        #expect(taken[0].lowerBound == 512 && taken[split - 1].upperBound == 1000)
        #expect(taken[split].upperBound == 512 && taken.last?.lowerBound == 0)
        #expect(job.take(0, for: StageID(0)) == nil)
        #expect(!job.hasWork(of: StageID(0)) && job.hasWork(of: StageID(1)))
    }
}

/// Rows without values.
final class EmptyGroup: HeadGroup {
    let slices: [Int]
    var indices: [Int] { slices }
    init(slices: [Int]) { self.slices = slices }
}

/// Walks a job with all stages in a drawn order of single steps.
private struct HeadWalk {
    let job: HeadJob
    let ranges: [LayerRange]
    private var random: SplitMix
    /// By group the tokens that were given out.
    private(set) var given: [[Int]] = []
    private(set) var hasWorked: [Bool]

    init(_ job: HeadJob, ranges: [LayerRange], seed: UInt64) {
        self.job = job
        self.ranges = ranges
        random = SplitMix(seed: seed)
        hasWorked = [Bool](repeating: false, count: ranges.count)
    }

    private struct Place {
        var order: [Int]
        var pieces = 0
    }

    mutating func run() throws -> (tokens: [[SampledToken]], stageSeconds: [Double])? {
        given = [[Int]](repeating: [], count: job.groups.count)
        var places = ranges.indices.map { Place(order: job.order(of: StageID($0))) }
        var results: [(tokens: [[SampledToken]], stageSeconds: [Double])] = []
        var left = ranges.indices.filter { !ranges[$0].vocabularyReach.isEmpty }
        while let stage = left.randomElement(using: &random) {
            guard let group = places[stage].order.first else {
                left.removeAll { $0 == stage }
                guard job.hasWork(of: StageID(stage)) else { continue }
                hasWorked[stage] = true
                if let result = job.finish(StageID(stage), seconds: 2) { results.append(result) }
                continue
            }
            if let piece = job.take(group, for: StageID(stage)) {
                #expect(piece.clamped(to: ranges[stage].vocabularyReach) == piece)
                given[group] += Array(piece)
                places[stage].pieces += 1
                continue
            }
            if job.completes(group, pieces: places[stage].pieces) {
                let slices = job.groups[group].slices
                job.keep(slices.map { SampledToken(TokenID($0)) }, of: group)
            }
            places[stage] = Place(order: Array(places[stage].order.dropFirst()))
        }
        #expect(results.count == 1)
        return results.first
    }
}
