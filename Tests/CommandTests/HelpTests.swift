import Testing

extension CommandTests {
    @Suite("help")
    struct HelpTests {
        @Test("the overview names every verb")
        func overview() throws {
            let result = try tideway(["--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            for verb in [
                "run", "profile", "bench", "simulate", "plan", "tokenize", "render", "show", "inspect", "logits",
            ] {
                #expect(result.output.contains("  \(verb) "), "\(verb)")
            }
        }

        @Test("the help of `run` names every flag, the policies and the exit statuses")
        func run() throws {
            let result = try tideway(["run", "--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            let flags = [
                "model", "input", "output", "stages", "threads", "policy", "kv-memory", "prefill-chunk", "timeline",
                "trace", "stats", "overwrite", "ignore-eos", "td-pipe", "lengths", "profile", "event-log",
            ]
            for flag in flags { #expect(result.output.contains("  --\(flag) "), "\(flag)") }
            for word in ["separate", "hybrid", "throttle", "td-pipe", "(default: auto)", "Exit status"] {
                #expect(result.output.contains(word), "\(word)")
            }
        }

        @Test("the help of `bench offline` names every flag")
        func offline() throws {
            let result = try tideway(["bench", "offline", "--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            let flags = [
                "model", "workload", "policies", "stages", "threads", "kv-memory", "lengths", "td-pipe", "profile",
                "repeat", "requests", "prefill-chunk", "max-sequences", "json", "report", "timeline",
            ]
            for flag in flags { #expect(result.output.contains("  --\(flag) "), "\(flag)") }
        }

        @Test("a version in three numbers")
        func version() throws {
            let result = try tideway(["--version"])
            #expect(result.status == 0)
            #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(result.output)")
        }

        @Test(
            "each verb has a help of its own",
            arguments: [
                "run", "profile", "bench", "simulate", "plan", "tokenize", "render", "show", "inspect", "logits",
            ])
        func verbs(name: String) throws {
            for arguments in [[name, "--help"], ["help", name]] {
                let result = try tideway(arguments)
                #expect(result.status == 0 && result.output.contains("USAGE: tideway \(name)"))
            }
        }
    }
}
