#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The kind, size and identity of a path or an open file.
package struct FileStatus: Sendable {
    package let identity: FileIdentity
    /// Size in bytes.
    package let size: Int
    package let isRegular: Bool
    package let isDirectory: Bool
    /// True for `/dev/null`, a terminal and the like, which are written to and never read back.
    package let isCharacterDevice: Bool

    init(_ raw: stat) {
        identity = FileIdentity(
            device: UInt64(truncatingIfNeeded: raw.st_dev), inode: UInt64(truncatingIfNeeded: raw.st_ino))
        size = Int(raw.st_size)
        let kind = raw.st_mode & S_IFMT
        isRegular = kind == S_IFREG
        isDirectory = kind == S_IFDIR
        isCharacterDevice = kind == S_IFCHR
    }

    /// The status of the file at the path, or nil if there is none.
    package static func of(_ path: String) throws(PlatformError) -> FileStatus? {
        var raw = stat()
        if stat(path, &raw) == 0 { return FileStatus(raw) }
        if errno == ENOENT { return nil }
        throw PlatformError(.unreadableFile, "cannot look at \(path)", .last)
    }
}

/// Which file a path leads to, however the path is spelled: device and inode.
package struct FileIdentity: Hashable, Sendable {
    fileprivate let device: UInt64
    fileprivate let inode: UInt64

    fileprivate init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// nil if there is no such file, or its status cannot be read.
    package init?(_ path: String) {
        guard let identity = (try? FileStatus.of(path))?.identity else { return nil }
        self = identity
    }

    package static func exists(_ path: String) -> Bool { FileIdentity(path) != nil }
}
