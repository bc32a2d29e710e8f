#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bytes of a file: mapped into memory read-only and privately, or a copy of bytes given by the caller.
///
/// Views of tensors keep their `MappedFile` alive; the mapping ends with the last view. The bytes never change, so any
/// number of threads may read them. The file on disk must not be cut short while it is mapped: reading a page that no
/// longer exists ends the process, as with every mapped file.
public final class MappedFile: Sendable {
    // Written once in an initialiser, then only read.
    private nonisolated(unsafe) let base: UnsafeRawPointer
    private let isMapping: Bool
    /// The number of bytes.
    public let count: Int

    /// Maps the regular file at `path`.
    ///
    /// Throws `ioFailure` if the file cannot be opened or mapped or is no regular file, and `truncated` if it is empty.
    public init(path: String) throws(ModelFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure("cannot open the file", path: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot examine the file", path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device, pipe or socket"
            throw ModelFileError(.ioFailure, "not a regular file but \(kind)").at(path: path)
        }
        guard let size = Int(exactly: status.st_size), size > 0 else {
            throw ModelFileError(.truncated, "the file is empty (0 bytes)").at(path: path)
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw Self.failure("cannot map the file's \(size) bytes", path: path)
        }
        base = UnsafeRawPointer(address)
        count = size
        isMapping = true
    }

    /// Keeps a copy of `bytes`, at an address that is a multiple of 64.
    ///
    /// Throws `truncated` if there are none.
    public init(bytes: [UInt8]) throws(ModelFileError) {
        guard !bytes.isEmpty else { throw ModelFileError(.truncated, "the file is empty (0 bytes)") }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        copy.copyBytes(from: bytes)
        base = UnsafeRawPointer(copy.baseAddress!)
        count = bytes.count
        isMapping = false
    }

    deinit {
        let address = UnsafeMutableRawPointer(mutating: base)
        if isMapping {
            munmap(address, count)
        } else {
            address.deallocate()
        }
    }

    /// Calls `body` with the bytes of `range`, which must lie in `0..<count`; the pointer is good only inside the call.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes(in: range))
    }

    /// The bytes of `range`; good as long as this object lives.
    @usableFromInline
    func bytes(in range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a view reaches outside its file")
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Lets the system drop the pages that hold `range`, so that they stop counting as resident memory.
    ///
    /// The bytes stay readable: a later access reads them from the file again. Use it on weights that have been
    /// repacked elsewhere. Whole pages are dropped, even pages that the range shares with its neighbours; the part of
    /// the range outside the file is ignored. Does nothing for a file that was given as bytes.
    public func forget(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<count)
        guard isMapping, !range.isEmpty else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = range.lowerBound / page * page
        // Advice only: when the system declines it, the pages stay resident and nothing else changes.
        _ = madvise(UnsafeMutableRawPointer(mutating: base + first), range.upperBound - first, MADV_DONTNEED)
    }

    private static func failure(_ what: String, path: String) -> ModelFileError {
        let number = errno
        return ModelFileError(.ioFailure, "\(what): \(String(cString: strerror(number)))").at(path: path)
    }
}
