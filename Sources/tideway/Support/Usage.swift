import ArgumentParser

/// Errors of usage, which end the program with status 2.
enum Usage {
    /// - Throws: an error that names the option, its value and its range.
    static func check<Value: Comparable>(_ option: String, _ value: Value, in range: ClosedRange<Value>) throws {
        guard range.contains(value) else {
            throw ValidationError("--\(option) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)")
        }
    }

    /// Reads an option's value: an error of the library becomes an error of usage.
    static func read<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw ValidationError("\(error)") }
    }
}
