#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a file is or would be, however its path is spelled.
package struct FilePlace {
    package let folder: String
    private let name: Substring

    package init(_ path: String) {
        let slash = path.lastIndex(of: "/")
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    }

    package static func isSame(_ path: String, _ other: String) -> Bool {
        if let identity = FileIdentity(path) { return identity == FileIdentity(other) }
        let (a, b) = (FilePlace(path), FilePlace(other))
        return a.name == b.name && FileIdentity(a.folder) == FileIdentity(b.folder)
    }

    /// The path of an existing file without symbolic links; other paths as they are.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Checks that the file can be written, or created. Nothing is opened.
    package static func requireWritable(_ path: String) throws(PlatformError) {
        let existing = try? FileStatus.of(path)
        let isWritable = access(existing != nil ? path : FilePlace(path).folder, W_OK) == 0
        let failure = existing?.isDirectory == true ? SystemError.isDirectory : isWritable ? nil : .last
        if let failure { throw PlatformError(.unwritableFile, "\(path) cannot be written", failure) }
    }

    /// Makes the folders on the path to a file. Errors are ignored: a folder that could not be made shows when the file
    /// is opened.
    package static func makeFolders(for path: String) {
        for (index, character) in zip(path.indices, path) where character == "/" && index > path.startIndex {
            mkdir(String(path[..<index]), 0o755)
        }
    }
}
