#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole files, read or written at once.
package enum SmallFile {
    /// - Parameters:
    ///   - most: the most bytes that the file may have.
    /// - Throws: `PlatformError` that names the file, with the limit or the system's reason.
    package static func read(
        _ path: String, most: Int = .max
    ) throws(PlatformError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            let file = try SystemFile(path: path, mode: .read)
            // The size is a hint: a pipe has no size, and a file may grow.
            bytes.reserveCapacity(min(try file.status().size, most, 1 << 30))
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
            defer { block.deallocate() }
            while bytes.count <= most {
                let count = try file.read(into: block)
                if count == 0 { return bytes }
                bytes += block[..<count]
            }
        } catch {
            throw error.saying(.unreadableFile, "\(path) cannot be read")
        }
        throw PlatformError(.unreadableFile, "\(path) has more than \(most) bytes, the most that it may have")
    }

    /// `read` for callers with an error type of their own.
    /// - Parameter failure: makes the error of a message that names the file.
    package static func read<Failure: Error>(
        _ path: String, most: Int = .max, orThrow failure: (_ message: String) -> Failure
    ) throws(Failure) -> [UInt8] {
        do { return try read(path, most: most) } catch { throw failure(error.message) }
    }

    /// Writes the file in place; its earlier contents are lost.
    package static func write(_ path: String, _ bytes: [UInt8]) throws(PlatformError) {
        let file: SystemFile
        do { file = try SystemFile(path: path, mode: .write) } catch {
            throw error.saying(.unwritableFile, "\(path) cannot be written")
        }
        do { try file.write(bytes) } catch { throw error.saying(.unwritableFile, "\(path) could not be written") }
    }

    /// Writes a file next to `path` and renames it to `path`, so that no reader ever sees a part of the file. Missing
    /// folders are made. A symbolic link stays and its target is replaced; a device or a pipe is written in place.
    package static func replace(_ path: String, _ bytes: [UInt8]) throws(PlatformError) {
        FilePlace.makeFolders(for: path)
        if let existing = try? FileStatus.of(path), !existing.isRegular { return try write(path, bytes) }
        let target = FilePlace.resolved(path)
        let partial = "\(target).\(getpid()).partial"
        do { try write(partial, bytes) } catch {
            unlink(partial)
            throw error.saying(.unwritableFile, "\(path) could not be written")
        }
        guard rename(partial, target) == 0 else {
            let failure = PlatformError(.unwritableFile, "\(path) could not be written", .last)
            unlink(partial)
            throw failure
        }
    }
}
