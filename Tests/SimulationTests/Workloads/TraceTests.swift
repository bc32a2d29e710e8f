import Foundation
import Scheduling
import Simulation
import Testing

@Suite struct TraceTests {
    private let text = """
        arrival_s,prompt_tokens,output_tokens,block_runs
        0,6758,500,0-13
        0,7322,490,0 14-27
        4.314579,396,109,

        """

    @Test func aTraceIsReadByItsHeadings() throws {
        let trace = try RequestTrace(csv: text)
        #expect(trace.requests.map(\.promptTokens) == [6758, 7322, 396])
        #expect(trace.requests.map(\.outputTokens) == [500, 490, 109])
        #expect(trace.requests.map(\.arrival.nanoseconds) == [0, 0, 4_314_579_000])
        let reordered = try RequestTrace(csv: "output_tokens,arrival_s,prompt_tokens\r\n1,0.5,2\r\n")
        #expect(
            reordered.requests == [
                SimulatedRequest(arrival: Instant(nanoseconds: 500_000_000), promptTokens: 2, outputTokens: 1)
            ])
        #expect(trace.prefix(2).requests.count == 2 && trace.prefix(-1).requests.isEmpty)
        #expect(try trace.faster(by: 2).requests[2].arrival.nanoseconds == 2_157_289_500)
        #expect(throws: SimulationError.self) { try trace.faster(by: 0) }
        let workload = SimulatedWorkload(trace, predictions: try PredictionModel(.constant(7)))
        #expect(workload.requests.map(\.predictedTokens) == [7, 7, 7] && workload.clients == nil)
    }

    @Test func lengthsAreReadByTheirHeadings() throws {
        let lengths = try RequestLengths.list(csv: "prompt_tokens,output_tokens\n33,255\n17,73\n")
        #expect(lengths.map(\.promptTokens) == [33, 17] && lengths.map(\.outputTokens) == [255, 73])
        #expect(try RequestLengths.list(csv: "prompt_tokens,output_tokens\n").isEmpty)
    }

    @Test(arguments: [
        ("", "no line of headings"), ("arrival_s,prompt_tokens\n", "line 1: there is no column output_tokens among"),
        ("arrival_s,prompt_tokens,output_tokens\n0,1\n", "line 2 has 2 cells; the headings have 3"),
        ("arrival_s,prompt_tokens,output_tokens\n0,1,0\n", "line 2: output_tokens is '0'"),
        ("arrival_s,prompt_tokens,output_tokens\n0,1.5,1\n", "line 2: prompt_tokens is '1.5'"),
        ("arrival_s,prompt_tokens,output_tokens\n-1,1,1\n", "line 2: arrival_s is '-1'"),
        ("arrival_s,prompt_tokens,output_tokens\nnan,1,1\n", "line 2: arrival_s is 'nan'"),
        ("arrival_s,prompt_tokens,output_tokens\n1e300,1,1\n", "line 2: arrival_s is '1e300'"),
        ("arrival_s,prompt_tokens,output_tokens\n2,1,1\n1,1,1\n", "line 3: arrival_s is 1.0 after 2.0"),
        ("arrival_s,prompt_tokens,output_tokens\n0,99999999999999999999,1\n", "line 2: prompt_tokens is"),
    ])
    func anErrorNamesLineAndColumn(text: String, message: String) {
        let error = #expect(throws: SimulationError.self) { try RequestTrace(csv: text) }
        #expect(error?.code == .malformedText && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    private static let real = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data/workloads/sharegpt-lengths.csv")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: real.path), "ShareGPT's lengths are not there"))
    func theShapeOfShareGPTIsThatOfItsLengths() throws {
        let lengths = try RequestLengths.list(csv: String(contentsOf: Self.real, encoding: .utf8))
        #expect(lengths.count == 9820)
        let drawn = try SimulatedWorkload(.shape(.shareGPT), count: 50_000, seed: 1).requests
        func percentile(_ percent: Int, _ values: [Int]) -> Double {
            let sorted = values.sorted()
            return Double(sorted[max(0, (sorted.count * percent + 99) / 100 - 1)])
        }
        // A log-normal is not all that ShareGPT is: within a quarter everywhere between the tenths.
        for percent in [25, 50, 75, 90] {
            let prompts =
                percentile(percent, drawn.map(\.promptTokens)) / percentile(percent, lengths.map(\.promptTokens))
            let outputs =
                percentile(percent, drawn.map(\.outputTokens)) / percentile(percent, lengths.map(\.outputTokens))
            #expect(0.75...1.25 ~= prompts && 0.75...1.25 ~= outputs, "\(percent): \(prompts), \(outputs)")
        }
    }
}
