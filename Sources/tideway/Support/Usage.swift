import ArgumentParser

/// Errors of usage: those that end the program with status 2.
enum Usage {
    /// - Throws: an error that names the option, its value and what it must lie in.
    static func check<Value: Comparable>(_ option: String, _ value: Value, in range: ClosedRange<Value>) throws {
        guard range.contains(value) else {
            throw ValidationError("--\(option) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)")
        }
    }

    /// Reads what an option says: an error of the library about it becomes one of usage.
    static func read<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw ValidationError("\(error)") }
    }
}
