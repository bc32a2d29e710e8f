import ArgumentParser
import BatchInference

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files that a run writes beside its answers. Checked before the first token: hours of work must not end with a
/// path that cannot be written, or with a report in the place of the answers.
struct ReportFiles {
    /// The option and its path.
    let reports: [(option: String, path: String)]
    /// What the reports must leave alone: the option and its path.
    let others: [(option: String, path: String)]

    func check() throws {
        var taken = others
        for report in reports {
            for other in taken where Self.isSame(report.path, other.path) {
                throw ValidationError("--\(report.option) and --\(other.option) are the same file, \(report.path)")
            }
            taken.append(report)
            let temporary = report.path + ".partial"
            guard let file = fopen(temporary, "w") else {
                throw FileError(path: report.path, what: "cannot be written", code: errno)
            }
            fclose(file)
            unlink(temporary)
        }
    }

    private static func isSame(_ path: String, _ other: String) -> Bool {
        guard let identity = FileIdentity(path) else { return path == other }
        return identity == FileIdentity(other)
    }
}
