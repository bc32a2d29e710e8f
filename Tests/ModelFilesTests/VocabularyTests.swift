import ModelFiles
import Testing

@Suite("Vocabularies")
struct VocabularyTests {
    @Test("everything that a tokenizer needs")
    func all() throws {
        var writer = GGUFWriter.valid
        writer.add("tokenizer.ggml.pre", string: "smollm")
        writer.add("tokenizer.ggml.bos_token_id", uint32: 1)
        writer.add("tokenizer.ggml.eot_token_id", 10) { $0.put(UInt64(3)) }
        writer.add("tokenizer.ggml.eom_token_id", 1) { $0.put(Int8(0)) }
        writer.add("tokenizer.ggml.unknown_token_id", uint32: 2)
        writer.add("tokenizer.ggml.padding_token_id", uint32: 3)
        writer.add("tokenizer.ggml.add_eos_token", 7) { $0.put(UInt8(1)) }
        writer.add("tokenizer.ggml.add_space_prefix", 7) { $0.put(UInt8(0)) }
        writer.add("tokenizer.chat_template", string: "{{ messages }}")
        let checkpoint = GGUFCheckpoint(try GGUFFile(bytes: writer.bytes))
        let vocabulary = try checkpoint.vocabulary()
        #expect(vocabulary.model == "gpt2")
        #expect(vocabulary.preTokenizer == "smollm")
        #expect(vocabulary.tokens.map { String(decoding: $0, as: UTF8.self) } == ["<end>", "a", "b", "ab"])
        #expect(vocabulary.tokenTypes == [3, 1, 1, 1])
        #expect(vocabulary.scores == [0, -1, -2, -3])
        #expect(vocabulary.merges?.map { String(decoding: $0, as: UTF8.self) } == ["a b"])
        #expect(vocabulary.beginningOfSequence == 1)
        #expect(vocabulary.endOfSequence == 0)
        #expect(vocabulary.endOfTurn == 3)
        #expect(vocabulary.endOfMessage == 0)
        #expect(vocabulary.endOfGeneration == [0, 3])
        #expect(vocabulary.unknown == 2)
        #expect(vocabulary.padding == 3)
        #expect(vocabulary.separator == nil)
        #expect(vocabulary.mask == nil)
        #expect(vocabulary.addsBeginningOfSequence == false)
        #expect(vocabulary.addsEndOfSequence == true)
        #expect(vocabulary.addsSpacePrefix == false)
        #expect(vocabulary.removesExtraSpaces == nil)
        #expect(try checkpoint.chatTemplate() == "{{ messages }}")
    }

    @Test("tokens need not be UTF-8, and only gpt2 needs merges")
    func bytes() throws {
        var writer = GGUFWriter()
        writer.add("tokenizer.ggml.model", string: "llama")
        writer.add("tokenizer.ggml.tokens", arrayOf: 8, count: 2) { writer in
            writer.put(string: [0xFF, 0x00])
            writer.put(string: [])
        }
        let vocabulary = try GGUFFile(bytes: writer.bytes).vocabulary()
        #expect(vocabulary.tokens.map { $0 } == [[0xFF, 0x00], []])
        #expect(vocabulary.tokens.text(at: 0) == nil)
        #expect(vocabulary.merges == nil)
        #expect(vocabulary.tokenTypes == nil)
        #expect(vocabulary.endOfGeneration.isEmpty)
    }

    @Test("what unigram and WordPiece tokenizers need besides")
    func normalisation() throws {
        var writer = GGUFWriter.valid
        writer.add("tokenizer.ggml.cls_token_id", uint32: 2)
        writer.add("tokenizer.ggml.normalizer.lowercase", 7) { $0.put(UInt8(1)) }
        writer.add("tokenizer.ggml.normalizer.strip_accents", 7) { $0.put(UInt8(0)) }
        writer.add("tokenizer.ggml.precompiled_charsmap", arrayOf: 1, count: 3) { writer in
            for byte in [Int8(0), 127, -1] { writer.put(byte) }
        }
        let vocabulary = try GGUFFile(bytes: writer.bytes).vocabulary()
        #expect(vocabulary.classification == 2)
        #expect(vocabulary.lowercases == true)
        #expect(vocabulary.stripsAccents == false)
        #expect(vocabulary.characterMap == [0, 127, 255])
    }

    @Test("a character map of larger numbers is refused")
    func largeCharacterMap() throws {
        var writer = GGUFWriter.valid
        writer.add("tokenizer.ggml.precompiled_charsmap", arrayOf: 4, count: 1) { $0.put(UInt32(256)) }
        let file = try GGUFFile(bytes: writer.bytes)
        #expect(throws: ModelFileError.self) { try file.vocabulary() }
    }
}
