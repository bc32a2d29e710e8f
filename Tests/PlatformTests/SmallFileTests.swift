import Foundation
import Platform
import TestTools
import Testing

@Suite("Small files")
struct SmallFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a file is replaced whole, and nothing else stays in its folder")
    func replaced() throws {
        let path = folder.file("a/b/c.json")
        try SmallFile.replace(path, Array("first".utf8))
        try SmallFile.replace(path, Array("second".utf8))
        #expect(try SmallFile.read(path) == Array("second".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("a/b")) == ["c.json"])
    }

    @Test("a symbolic link stays, and its target is replaced")
    func link() throws {
        let target = try folder.write("target", Array("first".utf8))
        let link = folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try SmallFile.replace(link, Array("second".utf8))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try SmallFile.read(target) == Array("second".utf8))
    }

    /// Renamed over, a device would be gone: to whoever may do that, `/dev/null` would be a file from then on.
    @Test("a pipe is written, and stays a pipe")
    func pipe() throws {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let read = Guarded<[UInt8]?>(nil)
        let reader = try JoinableThread { [path] in
            let bytes = try? SmallFile.read(path)
            read.withLock { $0 = bytes }
        }
        try SmallFile.replace(path, Array("through the pipe".utf8))
        reader.join()
        #expect(read.withLock { $0 } == Array("through the pipe".utf8))
        #expect(try FileStatus.of(path)?.isRegular == false)
    }
}
