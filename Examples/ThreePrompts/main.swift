import Inference
import OpenAIProtocol

// The path of a GGUF file with a chat template.
let engine = try InferenceEngine(TextModel(path: CommandLine.arguments[1]))
let prompts = ["Why are there two tides a day?", "What is a neap tide?", "Name three seas."]
// All three run side by side.
let answers = prompts.map { engine.submit(GenerationRequest(user: $0, maxTokens: 48)) }

for (prompt, answer) in zip(prompts, answers) {
    print("\(prompt)\n    ", terminator: "")
    for try await piece in answer { print(piece.text, terminator: "") }
    print("\n    (\(try await answer.answer.completionTokens) tokens)\n")
}
engine.shutDown()
