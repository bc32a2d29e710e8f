import OpenAIProtocol
import Platform
import Scheduling
import Simulation
import Studies

/// A file of request lengths, for simulations: CSV with `prompt_tokens,output_tokens`, and optionally `arrival_s`; or
/// the lines of a benchmark's workload, each an object with `prompt_tokens` and `output_tokens`, and optionally a
/// `forecast` of eight lengths for `learned`.
package struct WorkloadFile: Sendable {
    package let workload: StudyWorkload
    /// The lengths in the file's order; empty for requests with times.
    package let lengths: [RequestLengths]

    private static let mostBytes = 1 << 30

    /// Reads a file; a file whose name ends in `.csv` is read as a table.
    /// - Throws: `BenchmarkError` that names file and line.
    package init(path: String) throws(BenchmarkError) {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { BenchmarkError(.badWorkload, $0) }
        // The magic number of gzip.
        guard !bytes.starts(with: [0x1F, 0x8B]) else {
            throw BenchmarkError(.badWorkload, "\(path) is compressed; unpack it first (gunzip)")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        do {
            if path.hasSuffix(".csv") {
                workload = try StudyWorkload(name: name, csv: String(decoding: bytes, as: UTF8.self))
            } else {
                let list = try Self.lines(of: bytes, path: path)
                guard !list.isEmpty else {
                    throw BenchmarkError(.badWorkload, "\(path) has 0 requests; at least 1 is needed")
                }
                workload = StudyWorkload(name: name, source: .lengths(.list(list)))
            }
        } catch let error as SimulationError {
            throw BenchmarkError(.badWorkload, "\(path): \(error.message)")
        } catch let error as BenchmarkError {
            throw error
        } catch {
            throw BenchmarkError(.badWorkload, "\(path): \(error)")
        }
        if case .lengths(.list(let list)) = workload.source { lengths = list } else { lengths = [] }
    }

    private static func lines(of bytes: [UInt8], path: String) throws -> [RequestLengths] {
        var list: [RequestLengths] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { continue }
            func wrong(_ what: String) -> BenchmarkError {
                BenchmarkError(.badWorkload, "\(path), line \(index + 1): \(what)")
            }
            let value: JSONValue
            do { value = try JSONParser.parse(Array(line)) } catch { throw wrong("\(error)") }
            func count(_ key: String) throws -> Int {
                guard let number = value[key]?.integer.flatMap({ Int(exactly: $0) }) else {
                    throw wrong("there is no \(key), or it is not a whole number")
                }
                return number
            }
            let (prompt, output) = (try count("prompt_tokens"), try count("output_tokens"))
            do {
                let forecast = try LengthForecast(workloadLine: value)
                list.append(try RequestLengths(promptTokens: prompt, outputTokens: output, forecast: forecast))
            } catch {
                throw wrong("\(error)")
            }
        }
        return list
    }
}
