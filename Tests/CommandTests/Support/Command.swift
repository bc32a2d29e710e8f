import Foundation
import TestTools

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a run of the program came to.
struct CommandResult: Sendable {
    /// The exit status, or the number of the signal that ended it.
    let status: Int32
    let isSignalled: Bool
    /// What it wrote to the two standard streams.
    let output: String
    let errors: String
    let seconds: Double
    /// The largest resident set that was seen while it ran, in bytes; 0 where the system does not tell.
    let peakMemory: Int

    /// The lines of standard error that are not blank.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// The program under way. Its process ends with this object at the latest.
final class RunningCommand {
    private let process = Process()
    private let folder: TemporaryFolder
    private let start = ContinuousClock.now
    private let arguments: [String]
    private var peakMemory = 0

    /// - Parameter environment: what is set beside what the tests were started with. The user's own caches are never
    ///   looked at: without a value here they are in an empty folder.
    init(_ arguments: [String], program: String = Settings.binary, environment: [String: String] = [:]) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw TestFailure("there is no program at \(program); build it, or set TIDEWAY_BINARY")
        }
        self.arguments = arguments
        folder = try TemporaryFolder()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let caches = ["XDG_CACHE_HOME": folder.file("cache")]
        process.environment = ProcessInfo.processInfo.environment.merging(caches) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write("out", [])))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write("err", [])))
        try process.run()
    }

    deinit { kill() }

    var isRunning: Bool { process.isRunning }
    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Sends a signal to the process, if it still runs.
    func send(_ signal: Int32) {
        if process.isRunning { _ = sendSignal(process.processIdentifier, signal) }
    }

    func kill() { send(SIGKILL) }

    /// Looks until `condition` holds or the process has ended; false in the second case.
    func wait(until condition: () throws -> Bool, timeout: Double = 120) throws -> Bool {
        while process.isRunning {
            if try condition() { return true }
            peakMemory = max(peakMemory, residentPeak(process.processIdentifier))
            if seconds > timeout {
                kill()
                throw TestFailure("tideway \(arguments.joined(separator: " ")) ran for more than \(timeout) seconds")
            }
            usleep(2000)
        }
        return false
    }

    /// Waits for the end of the process.
    func finish(timeout: Double = 120) throws -> CommandResult {
        _ = try wait(until: { false }, timeout: timeout)
        return CommandResult(
            status: process.terminationStatus, isSignalled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: bytes(of: folder.file("out")), as: UTF8.self),
            errors: String(decoding: bytes(of: folder.file("err")), as: UTF8.self), seconds: seconds,
            peakMemory: peakMemory)
    }
}

/// Runs the program to its end.
func tideway(
    _ arguments: [String], environment: [String: String] = [:], timeout: Double = 120
) throws -> CommandResult {
    try RunningCommand(arguments, environment: environment).finish(timeout: timeout)
}

private func sendSignal(_ process: Int32, _ signal: Int32) -> Int32 { kill(process, signal) }

/// VmHWM of a process in bytes; 0 if it has ended or the system has no /proc.
private func residentPeak(_ process: Int32) -> Int {
    #if os(Linux)
        guard let file = fopen("/proc/\(process)/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            guard strncmp(line, "VmHWM:", 6) == 0 else { continue }
            return line.withUnsafeBufferPointer { strtol($0.baseAddress! + 6, nil, 10) * 1024 }
        }
    #endif
    return 0
}
