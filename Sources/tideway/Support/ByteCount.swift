import ArgumentParser
import Reporting

/// A size on the command line, such as `256MiB` or `2GiB`.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        guard let bytes = try? Quantities.parseBytes(argument), bytes > 0 else { return nil }
        self.bytes = bytes
    }

    var description: String { Quantities.bytes(bytes) }
    var defaultValueDescription: String { description.replacing(".0 ", with: "").replacing(" ", with: "") }
}
