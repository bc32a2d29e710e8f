import ModelFiles
import TestTools
import Testing

/// Whatever the bytes are, opening a file throws or gives views that can be read; a trap ends the test run.
@Suite("Cut and changed files")
struct MutationTests {
    @Test("every beginning of a GGUF file is refused")
    func prefixes() {
        let bytes = GGUFWriter.valid.bytes
        for count in bytes.indices {
            #expect(throws: ModelFileError.self, "the first \(count) bytes") {
                try GGUFFile(bytes: Array(bytes.prefix(count)))
            }
        }
    }

    @Test("every beginning of a safetensors file is refused")
    func safetensorsPrefixes() {
        let bytes = SafetensorsWriter.valid
        for count in bytes.indices {
            #expect(throws: ModelFileError.self, "the first \(count) bytes") {
                try SafetensorsFile(bytes: Array(bytes.prefix(count)))
            }
        }
    }

    @Test("changed GGUF files throw or can be read", arguments: 1...4 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        let (opened, refused) = mutate(GGUFWriter.valid.bytes, seed: seed, count: 2000) {
            try readEverything(GGUFFile(bytes: $0))
        }
        // Changes of tensor data and of texts leave a good file; changes of sizes and types do not.
        #expect(opened > 100)
        #expect(refused > 100)
    }

    @Test("changed safetensors files throw or can be read", arguments: 1...4 as ClosedRange<UInt64>)
    func safetensorsMutations(seed: UInt64) throws {
        let (opened, refused) = mutate(SafetensorsWriter.valid, seed: seed, count: 2000) {
            try readEverything(SafetensorsFile(bytes: $0))
        }
        #expect(opened > 50)
        #expect(refused > 100)
    }

    @Test("every bit of a GGUF header turned around")
    func bits() {
        let bytes = GGUFWriter.valid.bytes
        for index in 0..<GGUFWriter.valid.header.count * 8 {
            var changed = bytes
            changed[index / 8] ^= 1 << (index % 8)
            if let file = try? GGUFFile(bytes: changed) { _ = readEverything(file) }
        }
    }

    /// Opens `count` versions of `bytes`, each with one to eight bytes changed.
    private func mutate(
        _ bytes: [UInt8], seed: UInt64, count: Int, _ open: ([UInt8]) throws -> Int
    ) -> (opened: Int, refused: Int) {
        var random = SplitMix(seed: seed)
        var opened = 0
        for _ in 0..<count {
            var changed = bytes
            let changes = Bool.random(using: &random) ? 1 : Int.random(in: 2...8, using: &random)
            for _ in 0..<changes {
                let index = Int.random(in: changed.indices, using: &random)
                changed[index] = [0, 1, 0x7F, 0xFF, .random(in: 0...255, using: &random)].randomElement(using: &random)!
            }
            if (try? open(changed)) != nil { opened += 1 }
        }
        return (opened, count - opened)
    }
}
