import OpenAIProtocol
import Platform
import Scheduling

extension LengthForecast {
    /// The lengths, in the form of the field `forecast` in a workload's line.
    package var json: JSONValue { .array(tokens.map { .int(Int64($0)) }) }

    /// Reads the lengths of a workload's line; nil if it has none.
    /// - Throws: `BatchError` unless the field has eight lengths of at least 1.
    package init?(workloadLine: JSONValue) throws(BatchError) {
        guard let field = workloadLine["forecast"], field != .null else { return nil }
        let lengths = field.elements?.compactMap { $0.integer.flatMap { Int(exactly: $0) } }.filter { $0 >= 1 } ?? []
        guard lengths.count == Self.count, field.elements?.count == Self.count else {
            throw BatchError(.badWorkload, "forecast must be \(Self.count) lengths, each at least 1")
        }
        self.init(lengths)
    }
}
