import Scheduling
import StageDevices

/// Measures how long each stage of a pipeline takes for micro-batches of known loads.
///
/// Several copies of a load go through the pipeline back to back, so that all stages compute at once, as in a run:
/// stages that share caches and memory slow each other down. Only the times during which every stage was busy count.
package final class StepProfiler {
    private let pipeline: Pipeline
    private let stages: Int
    private let batches: SyntheticBatch
    private let clock: RunClock
    private var nextBatch = 0
    /// The number of blocks that have been written to.
    private var touched = 0
    /// The block after the blocks of the last micro-batch.
    private var cursor = 0

    /// The fewest times of each stage from which a point is made.
    private static let fewest = 3
    /// The most times of each stage from which a point is made.
    private static let most = 9
    private static let rowsPerTouch = 128

    /// Loads the stages anew; shares weights that the device holds already.
    package init(
        device: any StageDevice, ranges: [LayerRange], configuration: EngineConfiguration
    ) throws {
        clock = RunClock()
        stages = ranges.count
        batches = SyntheticBatch(vocabulary: device.sizes.vocabulary, configuration: configuration)
        pipeline = try Pipeline(
            device: device, ranges: ranges, blocks: configuration.blockCount, clock: clock, recordsSpans: false)
    }

    /// Times the points of a plan, in order, within its time.
    /// - Parameter onSample: called with each sample as soon as it is measured.
    /// - Throws: `RuntimeError` if a stage fails.
    package func measure(
        _ plan: ProfilePlan, onSample: (StepSample) throws -> Void = { _ in }
    ) throws -> [StepSample] {
        let begin = clock.now
        var samples: [StepSample] = []
        for (index, point) in plan.points.enumerated() {
            let left = plan.secondsLimit - clock.now.seconds(since: begin)
            let expected = Self.expectedSeconds(point, samples)
            let dear = Double(Self.fewest + 2 * stages) * expected
            if index >= plan.needed, dear > left { continue }
            let seconds = min(plan.secondsPerPoint, max(left, 0))
            let sample = try time(point, of: plan, seconds: seconds, expected: expected)
            samples.append(sample)
            try onSample(sample)
        }
        return samples
    }

    /// The expected seconds of one micro-batch on the slowest stage, from the largest load so far; 0 before the first.
    private static func expectedSeconds(_ point: ProfilePoint, _ samples: [StepSample]) -> Double {
        guard let last = samples.max(by: { $0.load.tokens < $1.load.tokens }) else { return 0 }
        let slowest = last.stageSeconds.max() ?? 0
        return slowest * max(1, Double(point.load.tokens) / Double(last.load.tokens))
    }

    private func time(
        _ point: ProfilePoint, of plan: ProfilePlan, seconds: Double, expected: Double
    ) throws -> StepSample {
        if expected == 0 { _ = try run(copies(1, of: point, plan)) }
        let affordable = expected > 0 ? Int(min(Double(Self.most), seconds / expected)) : Self.most
        let counted = max(Self.fewest, affordable)
        // Stage s computes copy j in turn s + j; from turn stages - 1 on all stages are busy, until copies run out.
        let copies = counted + stages - 1
        let times = try run(self.copies(copies, of: point, plan))
        let medians = (0..<stages).map { stage in
            let first = stages - 1 - stage
            return Self.median(times[first..<first + counted].map { $0[stage] })
        }
        return StepSample(load: point.load, stageSeconds: medians)
    }

    /// Micro-batches that use the plan's blocks in turn: the blocks that a step reads were last used long before, as in
    /// a run, and not by the copy before it.
    private func copies(_ count: Int, of point: ProfilePoint, _ plan: ProfilePlan) throws -> [MicroBatch] {
        let needed = point.blocks(batches.configuration)
        let places = (0..<count).map { _ in
            if cursor + needed > plan.blocks { cursor = 0 }
            defer { cursor += needed }
            return cursor
        }
        try touch(upTo: places.max()! + needed)
        return places.map { batches.make(point, id: nextID(), from: $0) }
    }

    private func touch(upTo end: Int) throws {
        while touched < end {
            let part = touched..<min(end, touched + Self.rowsPerTouch)
            _ = try run([batches.touch(part, id: nextID())])
            touched = part.upperBound
        }
    }

    private func nextID() -> MicroBatchID {
        defer { nextBatch += 1 }
        return MicroBatchID(nextBatch)
    }

    /// Sends micro-batches and waits for all of them. Returns the seconds of each stage for each micro-batch.
    private func run(_ batches: [MicroBatch]) throws -> [[Double]] {
        for batch in batches { pipeline.dispatch(batch) }
        var times: [[Double]] = []
        while times.count < batches.count {
            for event in pipeline.nextEvents() {
                switch event {
                case .retired(_, _, let stageSeconds): times.append(stageSeconds)
                case .failed(let stage, let why):
                    throw RuntimeError(.stageFailed, "\(stage) failed: \(why)")
                // A profiler has no requests.
                case .arrived, .cancelled, .stopped, .aborted, .finish, .stop: break
                }
            }
        }
        return times
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
