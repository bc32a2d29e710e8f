import LengthPrediction
import Scheduling
import Testing
import TinyModels

@Suite("Embedding model")
struct EmbeddingModelTests {
    private static let alphabet = "a b c d e f g h i j k l m n o p q r s t u v w x y z"

    @Test("tokens of a text, of none, and of words that are not known")
    func tokens() throws {
        let folder = try TinyEncoderFolder()
        let model = try EmbeddingModel(folder: folder.path)
        #expect(model.width == 64 && model.longestWindow == 40)
        #expect(folder.path.hasSuffix("/" + model.name))
        #expect(try model.tokens("a B  c", window: 40) == [2, 4, 5, 6, 3])
        #expect(try model.tokens("", window: 40) == [2, 3])
        #expect(try model.tokens("tide [SEP]", window: 40) == [2, 1, 1, 1, 1, 3])
    }

    @Test("a long text keeps its beginning, or both of its ends")
    func windows() throws {
        let model = try TinyEncoderFolder.open()
        func letters(_ window: Int, _ keep: Window) throws -> [TokenID] {
            let tokens = try model.tokens(Self.alphabet, window: window, keep: keep)
            #expect(tokens.first == 2 && tokens.last == 3 && tokens.count == min(window, 28))
            return tokens.dropFirst().dropLast().map { $0 - 4 }
        }
        #expect(try letters(3, .first) == [0])
        #expect(try letters(7, .first) == [0, 1, 2, 3, 4])
        #expect(try letters(27, .first) == Array(0..<25))
        #expect(try letters(3, .ends) == [0])
        #expect(try letters(4, .ends) == [0, 25])
        #expect(try letters(7, .ends) == [0, 1, 2, 24, 25])
        #expect(try letters(8, .ends) == [0, 1, 2, 23, 24, 25])
        for keep in Window.allCases {
            #expect(try letters(28, keep) == Array(0..<26))
            #expect(try letters(40, keep) == Array(0..<26))
        }
    }

    @Test("windows that there are not")
    func badWindows() throws {
        let model = try TinyEncoderFolder.open()
        for window in [Int.min, -1, 0, 2, 41, Int.max] {
            let error = #expect(throws: PredictionError.self) { try model.embed(["a"], window: window) }
            #expect(error?.code == .badPrompts)
            #expect(error?.message == "the window is \(window) tokens; it must lie in 3...40")
        }
    }

    @Test("vectors have unit length and do not depend on the texts beside them")
    func vectors() throws {
        let model = try TinyEncoderFolder.open(threads: 2)
        let texts = ["", "a", "a b c", Self.alphabet, "z y x", "tide"]
        let vectors = try model.embed(texts, window: 40)
        for (text, vector) in zip(texts, vectors) {
            #expect(vector.count == 64)
            let square = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs(square - 1) < 1e-6, "'\(text)' has length \(square.squareRoot())")
            #expect(try model.embed([text], window: 40) == [vector])
        }
        #expect(Set(vectors).count == texts.count)
        #expect(try model.embed([Self.alphabet], window: 12) != model.embed([Self.alphabet], window: 12, keep: .ends))
    }

    @Test("fingerprints tell weights apart")
    func fingerprints() throws {
        var other = TinyEncoderFolder.small
        other.seed = 2
        let recipes = [TinyEncoderFolder.small, TinyEncoderFolder.small, other]
        let models = try recipes.map { try TinyEncoderFolder.open($0).fingerprint }
        #expect(models[0] == models[1] && models[0] != models[2])
    }

    @Test("folders that hold no encoder: the message names the file")
    func badFolders() throws {
        let cases: [(file: String, text: String, message: String)] = [
            ("config.json", "{", "/config.json: "),
            ("config.json", "[]", "/config.json: 'model_type' is not a text; the one that is supported is 'bert'"),
            ("config.json", #"{"model_type": "t5"}"#, "/config.json: 'model_type' is 't5'; the one"),
            ("config.json", #"{"model_type": "bert"}"#, "/config.json: 'layer_norm_eps' must be a number"),
            (
                "config.json", TinyEncoderFolder.config(.init()).replacing("absolute", with: "relative_key"),
                "/config.json: 'position_embedding_type' is 'relative_key'; the one"
            ),
            (
                "config.json", TinyEncoderFolder.config(.init()).replacing("64", with: "64.5"),
                "/config.json: 'hidden_size' must be an integer"
            ),
            (
                "config.json", TinyEncoderFolder.config(.init()).replacing("64", with: "1e300"),
                "/config.json: 'hidden_size' must be an integer"
            ),
            (
                "config.json", TinyEncoderFolder.config(.init()).replacing("gelu", with: "relu"),
                "/config.json: the activation is 'relu'"
            ),
            (
                "config.json", TinyEncoderFolder.config(.init()),
                "/model.safetensors: 'embeddings.word_embeddings.weight' has shape [30, 64]; the model's sizes ask for [120, 64]"
            ),
            ("tokenizer.json", #"{"model": {"type": "Magic"}}"#, "/tokenizer.json: "),
            (
                "tokenizer.json",
                TinyEncoderFolder.tokenizer.replacing(
                    #"{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"#, with: "null"),
                "/tokenizer.json puts no tokens around a text"
            ),
        ]
        for (file, text, message) in cases {
            let folder = try TinyEncoderFolder()
            try folder.write(file, text)
            let error = #expect(throws: PredictionError.self) { try EmbeddingModel(folder: folder.path) }
            #expect(error?.code == .badEncoder)
            #expect(error?.message.hasPrefix(folder.path + message) ?? false, "\(error?.message ?? "")")
        }
        #expect(throws: (any Error).self) { try EmbeddingModel(folder: "/nowhere") }
    }
}
