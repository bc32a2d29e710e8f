import ArgumentParser

/// The KV pool of a benchmark: `256MiB`, or `25%` of the workload's tokens.
enum PoolSize: CustomStringConvertible {
    case bytes(Int)
    /// A share of the workload's tokens, above 0 and at most 1.
    case share(Double)

    /// - Throws: an error that names the value and what is accepted.
    init(parsing text: String) throws {
        guard text.hasSuffix("%") else {
            self = .bytes(try ByteCount(parsing: text).bytes)
            return
        }
        guard let percent = Double(text.dropLast()), percent > 0, percent <= 100 else {
            throw ValidationError("the share '\(text)' must lie above 0% and at most at 100%")
        }
        self = .share(percent / 100)
    }

    var description: String {
        switch self {
        case .bytes(let bytes): ByteCount(bytes: bytes).description
        case .share(let share): "\(share * 100)%"
        }
    }
}
