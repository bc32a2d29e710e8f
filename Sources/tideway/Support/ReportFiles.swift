import ArgumentParser
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files that a run writes beside its answers. Checked before the first token: hours of work must not end with a
/// path that cannot be written, or with a report in the place of the answers.
struct ReportFiles {
    /// An option and its path; nil: it was not given.
    typealias Named = (option: String, path: String?)

    let reports: [Named]
    /// What the reports must leave alone.
    let others: [Named]

    func check() throws {
        var taken = others
        for report in reports {
            guard let path = report.path else { continue }
            for other in taken where other.path.map({ FilePlace.isSame(path, $0) }) ?? false {
                throw ValidationError("--\(report.option) and --\(other.option) are the same file, \(path)")
            }
            taken.append(report)
            try Self.requireWritable(path)
        }
    }

    /// Looks only: the file is opened when there is something to write.
    static func requireWritable(_ path: String) throws {
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw FileError(path: path, what: "cannot be written", code: EISDIR)
        }
        guard access(exists ? path : FilePlace(path).folder, W_OK) == 0 else {
            throw FileError(path: path, what: "cannot be written", code: errno)
        }
    }
}

/// Where a file is or would be, whatever its path is spelled like.
struct FilePlace {
    let folder: String
    private let name: Substring

    init(_ path: String) {
        let slash = path.lastIndex(of: "/")
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    }

    static func isSame(_ path: String, _ other: String) -> Bool {
        if let identity = FileIdentity(path) { return identity == FileIdentity(other) }
        let (a, b) = (FilePlace(path), FilePlace(other))
        return a.name == b.name && FileIdentity(a.folder) == FileIdentity(b.folder)
    }
}
