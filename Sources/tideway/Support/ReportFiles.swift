import ArgumentParser
import Platform

/// The files that a run writes besides its answers. They are checked before the first token: hours of work must not end
/// with a path that cannot be written, or with a report that overwrites the answers.
struct ReportFiles {
    /// An option without its dashes, or an argument such as `<file>`, and its path; nil if the option was not given.
    typealias Named = (option: String, path: String?)

    let reports: [Named]
    /// The files that the reports must not overwrite.
    let others: [Named]

    func check() throws {
        var taken = others
        for report in reports {
            guard let path = report.path else { continue }
            for other in taken where other.path.map({ FilePlace.isSame(path, $0) }) ?? false {
                throw ValidationError("--\(report.option) and \(Self.name(other)) are the same file, \(path)")
            }
            taken.append(report)
            try FilePlace.requireWritable(path)
        }
    }
    private static func name(_ other: Named) -> String {
        other.option.hasPrefix("<") ? other.option : "--" + other.option
    }
}
