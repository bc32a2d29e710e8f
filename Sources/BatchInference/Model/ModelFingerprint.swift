import ModelFiles

/// Tells model files apart, so that an output is never continued with another model: FNV-1a over 64-bit words of the
/// file's header, of the ends of each tensor, and of the file's size. No protection against forgery.
enum ModelFingerprint {
    static func of(_ file: GGUFFile) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
        func add(_ range: Range<Int>) {
            file.file.withUnsafeBytes(in: range) { bytes in
                var index = 0
                while index + 8 <= bytes.count {
                    add(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    index += 8
                }
                for byte in bytes[index...] { add(UInt64(byte)) }
            }
        }
        add(UInt64(file.byteCount))
        let header = file.tensors.map(\.fileOffset).min() ?? file.byteCount
        add(0..<header)
        for tensor in file.tensors {
            let end = tensor.fileOffset + tensor.byteCount
            add(tensor.fileOffset..<min(end, tensor.fileOffset + 64))
            add(max(tensor.fileOffset, end - 64)..<end)
        }
        return hash
    }
}
