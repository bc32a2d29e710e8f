import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway inspect`.
    @Suite("inspect")
    struct InspectTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test("the facts of a GGUF file", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
        func gguf() throws {
            let result = try tideway(["inspect", Settings.tiny()])
            #expect(result.status == 0 && result.errors.isEmpty)
            for fact in ["llama", "smollm, 512 tokens", "Q4_1", "Q8_0", "1024 tokens", "4 query heads"] {
                #expect(result.output.contains(fact), "\(fact)")
            }
            #expect(result.output.contains(/parameters +213.568\n/))
            #expect(!result.output.contains("blk.3.ffn_down.weight"))
            let tensors = try tideway(["inspect", Settings.tiny(), "--tensors"])
            #expect(tensors.output.contains("blk.3.ffn_down.weight") && tensors.output.contains("128 x 64"))
            let metadata = try tideway(["inspect", "--metadata", Settings.tiny()])
            #expect(metadata.output.contains("llama.attention.head_count_kv"))
        }

        @Test("the facts of a safetensors file")
        func safetensors() throws {
            let path = try folder.write("model.safetensors", safetensorsFile(header: Self.header, data: 32))
            let result = try tideway(["inspect", path, "--tensors"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            for fact in ["safetensors", "F32", "BF16", "tidal.weight", "2 x 3", "format", "pt", "10"] {
                #expect(result.output.contains(fact), "\(fact)")
            }
            #expect(try !tideway(["inspect", path]).output.contains("tidal.weight"))
        }

        @Test("a damaged safetensors file is one clear error")
        func damagedSafetensors() throws {
            let header = Self.header
            let damaged: [[UInt8]] = [
                [], [1, 2, 3], Array(safetensorsFile(header: header, data: 31)),
                Array(safetensorsFile(header: header, data: 32).dropLast(40)),
                safetensorsFile(header: "not JSON", data: 32), safetensorsFile(header: "[]", data: 32),
                Array(repeating: 0xFF, count: 8) + Array(header.utf8),
                safetensorsFile(header: header.replacingOccurrences(of: "[2,3]", with: "[2,4]"), data: 32),
                safetensorsFile(header: header.replacingOccurrences(of: "[24,32]", with: "[20,28]"), data: 32),
                safetensorsFile(header: header.replacingOccurrences(of: "BF16", with: "B16F"), data: 32),
                safetensorsFile(
                    header: header.replacingOccurrences(of: "[2,3]", with: "[9223372036854775807,9]"), data: 32),
                safetensorsFile(header: header.replacingOccurrences(of: "[24,32]", with: "[32,24]"), data: 32),
                safetensorsFile(header: header.replacingOccurrences(of: "[24,32]", with: "[-8,0]"), data: 32),
            ]
            for (index, contents) in damaged.enumerated() {
                let path = try folder.write("damaged-\(index).safetensors", contents)
                expectOneLine(try tideway(["inspect", path]), path: path)
            }
            expectOneLine(try tideway(["inspect", folder.file("no.safetensors")]), path: folder.file("no.safetensors"))
        }

        @Test(
            "a damaged GGUF file is one clear error",
            .enabled(if: Settings.cache != nil, CommandTests.needsCache))
        func damagedGGUF() throws {
            let model = bytes(of: Settings.tiny())
            for length in [0, 3, 4, 7, 16, 24, 100, 1000, 20_000, model.count / 2, model.count - 1] {
                let path = try folder.write("cut.gguf", model[..<length])
                expectOneLine(try tideway(["inspect", path]), path: path)
            }
            // The counts of tensors and of metadata, 8 bytes each, as large as can be.
            for place in [8, 16] {
                for value: [UInt8] in [Array(repeating: 0xFF, count: 8), [0, 0, 0, 0, 0, 0, 0, 0x10]] {
                    let path = try folder.write("count.gguf", model[..<place] + value + model[(place + 8)...])
                    expectOneLine(try tideway(["inspect", path]), path: path)
                }
            }
        }

        @Test("no damage crashes it", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
        func noise() throws {
            let model = bytes(of: Settings.tiny())
            var generator = SplitMix(seed: 31)
            var refused = 0
            for _ in 0..<60 {
                var damaged = model
                for _ in 0..<3 {
                    let place = Int.random(in: 0..<12_000, using: &generator)
                    damaged[place] = UInt8.random(in: 0...255, using: &generator)
                }
                let path = try folder.write("noise.gguf", damaged)
                let result = try tideway(["inspect", path, "--tensors", "--metadata"])
                #expect(!result.isSignalled && (result.status == 0 || result.status == 1))
                if result.status == 1 { refused += 1 }
            }
            #expect(refused > 5)
        }

        @Test("a cache that no machine could address is named as such")
        func unaddressable() throws {
            // 2 x 2 bytes x 65536 heads x 4096 wide x 4096 layers a token, 2^42, and 2^24 tokens.
            let numbers = [
                ("context_length", 1 << 24), ("block_count", 4096), ("embedding_length", 16),
                ("feed_forward_length", 16), ("attention.head_count", 65_536), ("attention.key_length", 4096),
                ("attention.value_length", 4096),
            ]
            let result = try tideway(["inspect", try folder.write("vast.gguf", ggufFile(numbers))])
            #expect(result.status == 0 && !result.isSignalled, "\(result.errors)")
            #expect(result.output.contains("more than can be addressed"), "\(result.output)")
        }

        /// A model of family llama with these numbers, and an embedding of one row.
        private func ggufFile(_ numbers: [(String, Int)]) -> [UInt8] {
            func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
                withUnsafeBytes(of: number.littleEndian) { Array($0) }
            }
            func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }
            var bytes = Array("GGUF".utf8) + little(UInt32(3)) + little(UInt64(1)) + little(UInt64(numbers.count + 2))
            bytes += text("general.architecture") + little(UInt32(8)) + text("llama")
            bytes += text("llama.attention.layer_norm_rms_epsilon") + little(UInt32(6))
            bytes += little((1e-5 as Float).bitPattern)
            for (key, value) in numbers { bytes += text("llama." + key) + little(UInt32(4)) + little(UInt32(value)) }
            // Two dimensions, 16 columns and 1 row, of type f32, at the beginning of the data.
            bytes += text("token_embd.weight") + little(UInt32(2)) + little(UInt64(16)) + little(UInt64(1))
            bytes += little(UInt32(0)) + little(UInt64(0))
            bytes += Array(repeating: 0, count: (32 - bytes.count % 32) % 32)
            return bytes + Array(repeating: 0, count: 64)
        }

        private static let header =
            #"{"__metadata__":{"format":"pt"},"#
            + #""tidal.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
            + #""tidal.bias":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}"#

        /// The length of the header, the header, and `data` bytes.
        private func safetensorsFile(header: String, data: Int) -> [UInt8] {
            let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            return length + Array(header.utf8) + Array(repeating: 0, count: data)
        }

        private func expectOneLine(_ result: CommandResult, path: String) {
            #expect(result.status == 1 && !result.isSignalled, "\(path), status \(result.status)")
            #expect(result.errorLines.count == 1 && result.errors.contains(path), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
    }
}
