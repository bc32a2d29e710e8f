/// The cost of one stage: a base by the number of tokens, seconds for each token attended to, and seconds for each
/// token drawn.
///
/// The base interpolates linearly between the measured points, so that a staircase stays a staircase. It is flat before
/// the first point and goes on after the last point with the slope of the last doubling.
public struct StageFit: Sendable, Hashable {
    /// A point of the base.
    public struct Point: Sendable, Hashable {
        public let tokens: Int
        public let seconds: Double
    }
    /// At least one, in ascending order of tokens.
    public let points: [Point]
    /// At least 0.
    public let secondsPerContextToken: Double
    /// At least 0; above 0 on a stage with the output head.
    public let secondsPerSequence: Double
    /// The least seconds of any micro-batch.
    let floor: Double
    /// Seconds that each token beyond the last point takes, at least 0.
    private let slope: Double

    init(points: [Point], secondsPerContextToken: Double, secondsPerSequence: Double, floor: Double) {
        precondition(!points.isEmpty && floor > 0)
        self.points = points
        self.secondsPerContextToken = secondsPerContextToken
        self.secondsPerSequence = secondsPerSequence
        self.floor = floor
        let last = points[points.count - 1]
        // Not from the point before the last: between two points of a staircase the slope may be flat, or steep.
        if let before = points.last(where: { $0.tokens <= last.tokens / 2 }) ?? points.dropLast().first {
            slope = max(0, (last.seconds - before.seconds) / Double(last.tokens - before.tokens))
        } else {
            slope = max(0, last.seconds / Double(last.tokens))
        }
    }

    /// Seconds, above 0, that the stage computes a micro-batch.
    public func seconds(_ load: StepLoad) -> Double {
        max(
            floor,
            base(load.tokens) + secondsPerContextToken * Double(load.context)
                + secondsPerSequence * Double(load.sequences))
    }

    /// Seconds of a micro-batch of `tokens` tokens that attends to nothing and draws nothing.
    func base(_ tokens: Int) -> Double {
        let last = points[points.count - 1]
        guard tokens < last.tokens else { return last.seconds + slope * Double(tokens - last.tokens) }
        guard tokens > points[0].tokens else { return points[0].seconds }
        var low = 0
        var high = points.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].tokens <= tokens { low = middle } else { high = middle }
        }
        let share = Double(tokens - points[low].tokens) / Double(points[high].tokens - points[low].tokens)
        return points[low].seconds + share * (points[high].seconds - points[low].seconds)
    }
}
