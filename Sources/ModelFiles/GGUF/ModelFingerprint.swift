/// A hash that distinguishes model files: FNV-1a over 64-bit words of the file's size, of its header and of both ends
/// of each tensor. It does not protect against forgery.
public enum ModelFingerprint {
    /// The fingerprint of a GGUF file.
    public static func of(_ file: GGUFFile) -> UInt64 {
        of(file.file, tensors: file.tensors.map { $0.fileOffset..<$0.fileOffset + $0.byteCount })
    }

    /// The fingerprint of a safetensors file.
    public static func of(_ file: SafetensorsFile) -> UInt64 {
        of(file.file, tensors: file.tensors.map { $0.fileOffset..<$0.fileOffset + $0.byteCount })
    }

    /// The number of bytes at each end of a tensor that the hash covers.
    private static let endBytes = 64

    private static func of(_ file: MappedFile, tensors: [Range<Int>]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
        func add(_ range: Range<Int>) {
            file.withUnsafeBytes(in: range) { bytes in
                var index = 0
                while index + 8 <= bytes.count {
                    add(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    index += 8
                }
                for byte in bytes[index...] { add(UInt64(byte)) }
            }
        }
        add(UInt64(file.count))
        add(0..<(tensors.map(\.lowerBound).min() ?? file.count))
        for tensor in tensors {
            add(tensor.lowerBound..<min(tensor.upperBound, tensor.lowerBound + endBytes))
            add(max(tensor.lowerBound, tensor.upperBound - endBytes)..<tensor.upperBound)
        }
        return hash
    }
}
