import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway run --event-log`, `tideway simulate --replay` and `--fuzz`.
    @Suite("event logs")
    struct EventLogTests {
        @Test(
            "a recorded run leads to the same actions again; a changed log is found out",
            .enabled(if: Settings.cache != nil, CommandTests.needsCache),
            arguments: [["separate", "1"], ["hybrid", "2"], ["throttle", "3"], ["td-pipe", "2"], ["auto", "2"]])
        func replay(policy: [String]) throws {
            let folder = try TemporaryFolder()
            let log = folder.file("events.log")
            // A small pool: some requests are preempted.
            let plan = ["--policy", policy[0], "--stages", policy[1], "--kv-memory", "320KiB", "--event-log", log]
            _ = try Batch(VariedRequests.file()).run("out", plan)
            let result = try tideway(["simulate", "--replay", log])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("policy \(policy[0]), \(policy[1]) stages"), "\(result.output)")

            var lines = String(decoding: bytes(of: log), as: UTF8.self).split(separator: "\n")
            let index = try #require(lines.firstIndex { $0.contains(" retire ") })
            lines.remove(at: index)
            let changed = try folder.write("changed.log", Array((lines.joined(separator: "\n") + "\n").utf8))
            let other = try tideway(["simulate", "--replay", changed])
            #expect(other.status == 1 && other.errors.contains("line "), "\(other.errors)")
        }

        @Test("a log that is none is refused with its line")
        func noLog() throws {
            let folder = try TemporaryFolder()
            let result = try tideway(["simulate", "--replay", try folder.write("x.log", Array("hello\n".utf8))])
            #expect(result.status == 1 && result.errors.contains("line 1"), "\(result.errors)")
        }

        @Test("a thousand worlds hold every invariant, and one seed gives one run")
        func fuzz() throws {
            let first = try tideway(["simulate", "--fuzz", "--seeds", "1000"])
            #expect(first.status == 0 && first.errors.isEmpty, "\(first.errors)")
            #expect(first.output.contains("1000 worlds from seed 0 on: every invariant held"), "\(first.output)")
            #expect(try tideway(["simulate", "--fuzz", "--seeds", "1000"]).output == first.output)
            let others = try tideway(["simulate", "--fuzz", "--seeds", "1000", "--seed", "5000"])
            #expect(others.status == 0 && others.output != first.output)
        }

        @Test(
            "flags that do not go together are wrong usage",
            arguments: [
                ["--fuzz", "--cluster", "4xL20"], ["--replay", "x", "--seed", "3"], ["--seeds", "5"],
                ["--fuzz", "--seeds", "0"], ["--fuzz", "--seed", "-1"],
            ])
        func usage(flags: [String]) throws {
            let result = try tideway(["simulate"] + flags)
            #expect(result.status == 2 && !result.errors.isEmpty, "\(result.errors)")
        }
    }
}
