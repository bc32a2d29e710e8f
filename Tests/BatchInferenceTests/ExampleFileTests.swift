import BatchInference
import Foundation
import OpenAIProtocol
import Testing

/// The file of example prompts that the documentation runs.
@Suite struct ExampleFileTests {
    @Test func everyLineIsARequest() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let input = try InputFile(path: root.appending(path: "Examples/prompts.jsonl").path)
        var requests: [GenerationRequest] = []
        for index in 0..<input.count {
            switch try input.line(at: index) {
            case .request(let request): requests.append(request)
            case .invalid(let refused): Issue.record("line \(refused.lineNumber): \(refused.error)")
            }
        }
        #expect(requests.count == 48)
        #expect(requests.allSatisfy { $0.customID.hasPrefix("tide-") && $0.maxTokens != nil })
        #expect(Set(requests.map(\.endpoint)).count == 2)
        // A drawn answer is the same in each run only if its seed is written down.
        #expect(requests.allSatisfy { $0.sampling.temperature == 0 || $0.seed != nil })
        #expect(requests.contains { $0.n > 1 } && requests.contains(where: \.wantsLogprobs))
    }
}
