/// The parts of the td-pipe policy that can be exchanged to see what each is worth.
///
/// Written as `greedy=fixed:0.7,stealing=off,switch=fixed:0.4`; options that are not named keep their defaults.
public struct TDPipeOptions: Sendable, Hashable, CustomStringConvertible {
    /// All that `init(parsing:)` reads, for help texts.
    public static let usage =
        "greedy=predicted|fixed:X; stealing=on|off; switch=intensity|released|marginal|fixed:X; "
        + "order=auto|arrival|longest; piggyback=cost|off; X above 0 and at most 1; tpot=S, ttft=S: bounds, in seconds, "
        + "on the mean time from token to token and on the time to the first token"

    /// When a prefill phase has admitted enough.
    public enum Greedy: Sendable, Hashable {
        /// When the simulated use of KV blocks, from predicted lengths, reaches the pool.
        case predicted
        /// When this share of the pool (above 0, at most 1) is in use.
        case fixed(Double)
    }

    /// When a decode phase gives way to a prefill phase.
    public enum Switching: Sendable, Hashable {
        /// When the spatial intensity falls below the temporal one, with the times of one stage on both sides.
        case intensity
        /// When the test of the authors' released code says so, with the times of the whole model.
        case released
        /// When the present rate falls below that of a whole cycle of decode and prefill.
        case marginal
        /// When this share (above 0, at most 1) of the requests alive at the start of the phase has finished.
        case fixed(Double)
    }

    /// The order in which a prefill phase is offered the waiting requests.
    public enum Order: String, Sendable, Hashable {
        /// `longest` where the predictor knows the lengths, or else `arrival`: longest first gains nothing where the
        /// predictions say little.
        case auto
        /// First come, first served.
        case arrival
        /// The requests expected to decode the longest come first; none is passed over for more than a few phases.
        case longest
    }

    public var greedy: Greedy
    /// Whether decode micro-batches are cut and topped up to the average of all.
    public var stealing: Bool
    public var switching: Switching
    public var order: Order
    /// Whether prompts ride along with decode steps where the step costs say that this is faster.
    public var piggyback: Bool
    /// Seconds from one token of an answer to the next, on average, that prompts may not exceed (above 0, at most
    /// `mostSeconds`); nil: no bound. Where decode steps alone take longer, prompts wait until nothing decodes.
    public var tpot: Double?
    /// Seconds from the arrival of a request to its first token (above 0, at most `mostSeconds`) for which a decode phase
    /// ends early, as far as `tpot` allows; nil: no bound.
    public var ttft: Double?

    /// The largest bound in seconds.
    public static let mostSeconds = 1e9

    public init(
        greedy: Greedy = .predicted, stealing: Bool = true, switching: Switching = .intensity,
        order: Order = .auto, piggyback: Bool = true, tpot: Double? = nil, ttft: Double? = nil
    ) {
        self.greedy = greedy
        self.stealing = stealing
        self.switching = switching
        self.order = order
        self.piggyback = piggyback
        self.tpot = tpot
        self.ttft = ttft
    }

    /// Parses options as written on the command line; an empty text gives the defaults.
    public init(parsing text: String) throws(TDPipeOptionsError) {
        self.init()
        var named: [Substring] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { throw .unknownOption(part) }
            if named.contains(halves[0]) { throw .repeatedOption(halves[0]) }
            named.append(halves[0])
            switch (halves[0], halves[1]) {
            case ("greedy", "predicted"): greedy = .predicted
            case ("greedy", let value): greedy = .fixed(try Self.share(value, of: "greedy", beside: "predicted"))
            case ("stealing", "on"): stealing = true
            case ("stealing", "off"): stealing = false
            case ("stealing", let value): throw .invalidValue("stealing", value, "on or off")
            case ("switch", "intensity"): switching = .intensity
            case ("switch", "released"): switching = .released
            case ("switch", "marginal"): switching = .marginal
            case ("switch", let value):
                switching = .fixed(try Self.share(value, of: "switch", beside: "intensity, released, marginal"))
            case ("piggyback", "cost"): piggyback = true
            case ("piggyback", "off"): piggyback = false
            case ("piggyback", let value): throw .invalidValue("piggyback", value, "cost or off")
            case ("order", let value):
                guard let named = Order(rawValue: String(value)) else {
                    throw .invalidValue("order", value, "auto, arrival or longest")
                }
                order = named
            case ("tpot", let value): tpot = try Self.seconds(value, of: "tpot")
            case ("ttft", let value): ttft = try Self.seconds(value, of: "ttft")
            default: throw .unknownOption(part)
            }
        }
    }

    private static func share(
        _ value: Substring, of name: String, beside words: String
    ) throws(TDPipeOptionsError) -> Double {
        let allowed = "\(words) or fixed:X with X above 0 and at most 1"
        guard value.hasPrefix("fixed:"), let share = Double(value.dropFirst(6)), share > 0, share <= 1 else {
            throw .invalidValue(name, value, allowed)
        }
        return share
    }

    private static func seconds(_ value: Substring, of name: String) throws(TDPipeOptionsError) -> Double {
        guard let seconds = Double(value), seconds > 0, seconds <= mostSeconds else {
            throw .invalidValue(name, value, "seconds above 0 and at most \(mostSeconds)")
        }
        return seconds
    }

    /// The options in full, with defaults spelled out, but bounds only where there are any; `init(parsing:)` reads the
    /// text back.
    public var description: String {
        let greedy =
            switch greedy {
            case .predicted: "predicted"
            case .fixed(let share): "fixed:\(share)"
            }
        let switching =
            switch switching {
            case .intensity: "intensity"
            case .released: "released"
            case .marginal: "marginal"
            case .fixed(let share): "fixed:\(share)"
            }
        return "greedy=\(greedy),stealing=\(stealing ? "on" : "off"),switch=\(switching),order=\(order.rawValue),"
            + "piggyback=\(piggyback ? "cost" : "off")" + (tpot.map { ",tpot=\($0)" } ?? "")
            + (ttft.map { ",ttft=\($0)" } ?? "")
    }
}

/// Why a text could not be parsed as options of td-pipe.
public struct TDPipeOptionsError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let unknownOption = Code(name: "unknown_option")
        public static let repeatedOption = Code(name: "repeated_option")
        public static let invalidValue = Code(name: "invalid_value")
    }
    public let code: Code
    /// Says what was given and what is allowed.
    public let message: String
    public var description: String { message }

    private init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func unknownOption(_ text: Substring) -> Self {
        Self(
            .unknownOption,
            "'\(text)' is no option of td-pipe; there are greedy=, stealing=, switch=, order=, piggyback=, tpot= "
                + "and ttft=")
    }

    static func repeatedOption(_ name: Substring) -> Self {
        Self(.repeatedOption, "'\(name)' is given twice; each option of td-pipe may be given once")
    }

    static func invalidValue(_ name: String, _ value: Substring, _ allowed: String) -> Self {
        Self(.invalidValue, "\(name) is '\(value)'; it may be \(allowed)")
    }
}
