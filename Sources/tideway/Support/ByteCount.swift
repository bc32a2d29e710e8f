import ArgumentParser
import Reporting

/// A size on the command line, such as `256MiB` or `2GiB`.
struct ByteCount: CustomStringConvertible {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    /// - Throws: an error that names the value and what is accepted.
    init(parsing text: String) throws {
        bytes = try Quantities.parseBytes(text)
        guard bytes > 0 else { throw ValidationError("the size '\(text)' is 0; at least 1 byte is needed") }
    }

    var description: String { Quantities.bytes(bytes).replacing(".0 ", with: "") }
}
