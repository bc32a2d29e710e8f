import Foundation
import Reporting
import Scheduling
import Testing

/// Runs the timeline page's script and compares what it computes with what Swift does, or with cases that are computed
/// by hand. Tests of the page as a whole run in all that is there, those of what it computes in the quickest alone: a
/// browser takes seconds to start.
@Suite(.enabled(if: !PageRuntime.all.isEmpty, PageRuntime.missing))
struct TimelineScriptTests {
    private func evaluate(_ expression: String, _ recording: RunRecording, _ runtime: PageRuntime) throws -> Any {
        try runtime.evaluate(expression, in: TimelinePage(recording: recording, summary: []).html)
    }

    private func evaluateStrings(
        _ expression: String, _ recording: RunRecording, _ runtime: PageRuntime
    ) throws -> [String] {
        try #require(try evaluate(expression, recording, runtime) as? [String])
    }

    @Test(arguments: PageRuntime.quickest)
    func theScriptUnpacksWhatTheRecordingHolds(runtime: PageRuntime) throws {
        let run = SimulatedRun(requests: 80, stages: 3).recording
        let found = try #require(
            try evaluate(
                """
                recording.stages.map((stage) => [...stage.begin].flatMap((begin, i) =>
                    [recording.batches.id[stage.batch[i]], stage.work[i], recording.seconds(begin),
                     recording.seconds(stage.end[i])]))
                """, run, runtime) as? [[Double]])
        try #require(found.count == 3)
        for (stage, numbers) in found.enumerated() {
            let spans = run.spans.filter { $0.stage == StageID(stage) }.sorted { $0.begin < $1.begin }
            try #require(numbers.count == spans.count * 4)
            for (place, span) in spans.enumerated() {
                let row = numbers[place * 4..<place * 4 + 4]
                #expect(row[row.startIndex] == Double(span.microBatch.rawValue))
                #expect(row[row.startIndex + 1] == (span.work == .head ? 1 : 0))
                #expect((row[row.startIndex + 2] - span.begin.seconds).magnitude < 2e-6)
                #expect((row[row.startIndex + 3] - span.end.seconds).magnitude < 2e-6)
            }
        }
    }

    /// Numbers of one to five bytes, with differences in both directions.
    @Test(arguments: PageRuntime.quickest)
    func theScriptUnpacksNumbersOfAnyWidth(runtime: PageRuntime) throws {
        let values = [0, 63, 64, 8191, 8192, 0, 4_294_967_295, 1, 2_000_000_000, 2_000_000_000, 3]
        let steps = values.enumerated().map { step($0, .prefill, prefill: $1, retired: $0 + 1) }
        let found = try evaluate(
            "[...recording.batches.prefill]", recording(stages: 1, steps: steps, spans: [span(0, 0, 0, 1)]), runtime)
        #expect(found as? [Int] == values)
    }

    /// Seconds of each of the script's kinds on each stage, over the whole run.
    private let totals = """
        recording.stages.map((stage) => {
            const { begin, end } = recording.makespan;
            return Object.fromEntries([...shares(stage, begin, end, 1)].map((share, kind) =>
                [kinds[kind], share * (end - begin) * recording.secondsPerTick]));
        })
        """

    @Test(arguments: PageRuntime.all)
    func theScriptFindsTheCausesThatTheStatisticsFind(runtime: PageRuntime) throws {
        for recording in [sharedHead, twoStages, SimulatedRun(requests: 80, stages: 3).recording] {
            let found = try #require(try evaluate(totals, recording, runtime) as? [[String: Double]])
            let statistics = RunStatistics(recording: recording)
            try #require(found.count == statistics.stages.count)
            // Ticks of a microsecond at most, on each edge of each span.
            let tolerance = 4e-6 * Double(recording.spans.count)
            for (stage, kinds) in zip(statistics.stages, found) {
                for cause in IdleCause.allCases {
                    let seconds = try #require(kinds[cause == .phaseSwitch ? "switch" : cause.rawValue])
                    #expect((seconds - stage.idle[cause]).magnitude < tolerance, "\(stage.stage), \(cause)")
                }
                let head = try #require(kinds["head"])
                #expect((head - stage.headSeconds).magnitude < tolerance)
            }
        }
    }

    /// However many pixels the run is divided into, each is filled and the total stays.
    @Test(arguments: PageRuntime.quickest)
    func everyPixelOfTheMakespanIsFilled(runtime: PageRuntime) throws {
        let found = try #require(
            try evaluate(
                """
                recording.stages.map((stage) => {
                    const { begin, end } = recording.makespan, cells = [...shares(stage, begin, end, 97)];
                    const sums = Array.from({ length: 97 }, (_, p) =>
                        cells.slice(p * kinds.length, (p + 1) * kinds.length).reduce((a, b) => a + b));
                    return [Math.min(...sums), Math.max(...sums)];
                })
                """, SimulatedRun(requests: 80, stages: 3).recording, runtime) as? [[Double]])
        #expect(found.count == 3)
        for sums in found { #expect(sums.allSatisfy { ($0 - 1).magnitude < 1e-6 }, "\(sums)") }
    }

    @Test(arguments: PageRuntime.all)
    func aLongRunIsDrawnMergedAndAShortOneSpanBySpan(runtime: PageRuntime) throws {
        func isMerged(_ recording: RunRecording) throws -> Bool {
            let found = try evaluate("recording.stages.some((stage) => view.isMerged(stage))", recording, runtime)
            let isMerged: Bool? = found as? Bool
            return try #require(isMerged as Bool?)
        }
        #expect(try isMerged(SimulatedRun(requests: 2000, stages: 4, limit: 20_000).recording))
        #expect(try !isMerged(sharedHead))
    }

    @Test(arguments: PageRuntime.quickest)
    func anEmptyRecordingIsDrawn(runtime: PageRuntime) throws {
        let empty = recording(stages: 2, steps: [], spans: [])
        let found = try evaluateStrings("[String(recording.hasSpans), output.textContent]", empty, runtime)
        #expect(found == ["false", ""])
    }

    /// The run of `sharedHead` is 100 ms long and starts at 0, so that a pixel is 0.1 ms here.
    private func described(
        at milliseconds: Double, _ height: String, _ recording: RunRecording, _ runtime: PageRuntime
    ) throws -> [String] {
        try evaluateStrings(
            """
            (() => {
                view.width = 1088;
                const found = describeAt(chart, view.xAt(recording.ticksAt(\(milliseconds) / 1000)), \(height));
                return found ? [found.title, ...found.rows.map((row) => row.join(": ")), found.note ?? ""] : [];
            })()
            """, recording, runtime)
    }

    @Test(arguments: PageRuntime.quickest)
    func aSpanUnderThePointerIsDescribed(runtime: PageRuntime) throws {
        let row = "view.rowTop(0) + 5"
        #expect(
            try described(at: 15.05, row, sharedHead, runtime) == [
                "Micro-batch 1, stage 0", "phase: decode", "work: layers", "tokens: 2", "sequences: 2",
                "start: 0.01200\u{202F}s", "duration: 8.000\u{202F}ms", "wait for the stage: 7.000\u{202F}ms", "",
            ])
        let headShare = try described(at: 36.05, row, sharedHead, runtime)
        #expect(headShare.contains("work: share of the head"))
        // Its input was there at 33, when the last stage had ended the layers.
        #expect(headShare.contains("wait for the stage: 2.000\u{202F}ms"))
    }

    @Test(arguments: PageRuntime.quickest)
    func idleTimeUnderThePointerIsDescribedWithItsCause(runtime: PageRuntime) throws {
        #expect(
            try described(at: 5.05, "view.rowTop(1) + 5", sharedHead, runtime) == [
                "Stage 1 idle: warm-up", "start: 0.00000\u{202F}s", "duration: 10.00\u{202F}ms",
                "before the first micro-batch of the stage",
            ])
        // From when the last micro-batch retires into the pause; 46 is when the next is dispatched.
        let row = "view.rowTop(0) + 5"
        #expect(try described(at: 43.05, row, sharedHead, runtime).first == "Stage 0 idle: blocked")
        #expect(try described(at: 50.05, row, sharedHead, runtime).first == "Stage 0 idle: hand-over")
        #expect(try described(at: 30.05, row, sharedHead, runtime).first == "Stage 0 idle: starved")
        #expect(try described(at: 90.05, row, sharedHead, runtime).first == "Stage 0 idle: drain")
        #expect(try described(at: 11.05, row, sharedHead, runtime).first == "Stage 0 idle: phase switch")
    }

    @Test(arguments: PageRuntime.quickest)
    func aSwitchUnderThePointerIsDescribedWithItsFigures(runtime: PageRuntime) throws {
        #expect(
            try described(at: 5.5, "view.marksTop", sharedHead, runtime) == [
                "Switch 1: to decode", "reason: none waiting", "spatial intensity: not computed",
                "temporal intensity: not computed", "requests waiting: 0", "sequences decoding: 2", "micro-batch: 1",
                "time: 0.00500\u{202F}s", "",
            ])
        #expect(try described(at: 50, "view.marksTop", sharedHead, runtime) == [])
        // Without switches there is no band for their flags.
        #expect(try described(at: 20, "view.marksTop", twoStages, runtime) == [])
    }

    @Test(arguments: PageRuntime.quickest)
    func aTrialUnderThePointerIsDescribedWithWhatItFound(runtime: PageRuntime) throws {
        let tried = triedPolicies()
        // The run is a second long, so that a pixel is a millisecond here.
        #expect(
            try described(at: 2, "view.trialsTop + 5", tried, runtime) == [
                "Trial 1: td-pipe goes on", "occasion: start", "td-pipe: 1.000", "hybrid+chunk=512: stalled",
                "requests waiting: 1\u{202F}234", "requests active: 40", "answers known: 32", "micro-batch: 0",
                "time: 0.0000\u{202F}s", "",
            ])
        let second = try described(at: 503, "view.trialsTop + 5", tried, runtime)
        #expect(second.first == "Trial 2: from td-pipe to hybrid+chunk=512")
        #expect(second.contains("hybrid+chunk=512: 1.250") && second.contains("trials beside it: 1"))
        #expect(try described(at: 300, "view.trialsTop + 5", tried, runtime) == [])
        // Without trials there is no band for their marks.
        #expect(try described(at: 5.5, "view.trialsTop + 5", sharedHead, runtime).first?.hasPrefix("Trial") != true)
    }

    @Test(arguments: PageRuntime.quickest)
    func panelsUnderThePointerAreDescribed(runtime: PageRuntime) throws {
        #expect(
            try described(at: 5.05, "view.panelTop(0) + 5", sharedHead, runtime)
                == ["64 tokens", "micro-batch: 0", "phase: prefill", ""])
        #expect(try described(at: 11.05, "view.panelTop(0) + 5", sharedHead, runtime) == [])
        #expect(
            try described(at: 50, "view.panelTop(2) + 5", sharedHead, runtime) == [
                "5 KV blocks in use", "time: 0.05000\u{202F}s", "share of the pool: 7.8\u{202F}%", "predicted peak: 70",
                "",
            ])
        #expect(try described(at: 50, "view.panelTop(3) + 5", sharedHead, runtime).first == "2 live requests")
        #expect(try described(at: 10, "view.panelTop(3) + 5", sharedHead, runtime) == [])
    }

    /// The window as milliseconds after each of the steps, in a run of 100 ms.
    private func windows(after steps: [String], _ runtime: PageRuntime) throws -> [[Double]] {
        let list = steps.map { "() => { \($0) }" }.joined(separator: ", ")
        return try #require(
            try evaluate(
                """
                [\(list)].map((step) => {
                    step();
                    return [view.from, view.to].map((ticks) => Math.round(recording.seconds(ticks) * 1e9) / 1e6);
                })
                """, sharedHead, runtime) as? [[Double]])
    }

    @Test(arguments: PageRuntime.quickest)
    func theWindowStaysWithinTheRun(runtime: PageRuntime) throws {
        let found = try windows(
            after: [
                "view.zoom(0.5)", "view.move(0.5)", "view.move(1)", "view.zoom(0.5, recording.ticksAt(0.06))",
                "view.zoom(100)", "view.show(recording.ticksAt(0.08), recording.ticksAt(0.08))",
            ], runtime)
        #expect(found.prefix(5) == [[25, 75], [50, 100], [50, 100], [55, 80], [0, 100]])
        // A microsecond at least.
        #expect(found[5] == [79.9995, 80.0005])
    }

    @Test(arguments: PageRuntime.quickest)
    func theWindowStandsInTheAddress(runtime: PageRuntime) throws {
        let found = try windows(
            after: [
                "view.showFragment('#t=0.020-0.045')", "view.showFragment('#else')", "view.showFragment('#t=0.5-0.1')",
                "view.showFragment('')",
            ], runtime)
        #expect(found == [[20, 45], [20, 45], [20, 45], [0, 100]])
        let texts = try evaluateStrings(
            "[view.fragment, (view.showFragment('#t=0.020-0.045'), view.fragment), view.summary]", sharedHead, runtime)
        #expect(texts == ["#t=0.0000-0.1000", "#t=0.02000-0.04500", "0.02000 to 0.04500 s"])
    }

    @Test(arguments: PageRuntime.all)
    func buttonsKeysWheelAndDraggingChangeTheWindow(runtime: PageRuntime) throws {
        func pointer(_ type: String, at milliseconds: Int) -> String {
            let place = "overlay.getBoundingClientRect().left + view.xAt(recording.ticksAt(\(milliseconds) / 1000))"
            return "overlay.dispatchEvent(new PointerEvent('\(type)', { clientX: \(place), clientY: 60 }));"
        }
        func key(_ name: String) -> String {
            "document.dispatchEvent(new KeyboardEvent('keydown', { key: '\(name)', cancelable: true }))"
        }
        let found = try windows(
            after: [
                "document.getElementById('in').click()", key("ArrowRight"), key("0"), key("Home"),
                // A browser captures only pointers that are really there.
                "overlay.setPointerCapture = () => {};" + pointer("pointerdown", at: 20) + pointer("pointerup", at: 60),
                "document.getElementById('all').click()",
                "overlay.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, clientX: 0 }))",
            ], runtime)
        #expect(found[0] == [15, 85])
        #expect(found[1] == [22, 92])
        #expect(found[2] == [0, 100])
        #expect(found[3] == [0, 100])
        #expect(found[4] == [20, 60])
        #expect(found[5] == [0, 100])
        // The wheel turns at the left edge, which stays.
        #expect(found[6].first == 0)
        #expect((found[6][1] - 100 * 0.818_730_8).magnitude < 1e-4)
    }

    @Test(arguments: PageRuntime.all)
    func thePointerBringsUpTheTip(runtime: PageRuntime) throws {
        let found = try evaluateStrings(
            """
            (() => {
                const box = overlay.getBoundingClientRect();
                overlay.dispatchEvent(new PointerEvent("pointermove", {
                    clientX: box.left + view.xAt(recording.ticksAt(0.005)), clientY: box.top + view.rowTop(0) + 5 }));
                const shown = [String(tip.hidden), tip.children[0].textContent, tip.children[2].children[1].textContent];
                overlay.dispatchEvent(new PointerEvent("pointerleave"));
                return [...shown, String(tip.hidden)];
            })()
            """, sharedHead, runtime)
        #expect(found == ["false", "Micro-batch 0, stage 0", "prefill", "true"])
    }

    @Test(arguments: PageRuntime.quickest)
    func numbersAreWrittenForPeople(runtime: PageRuntime) throws {
        let found = try evaluateStrings(
            """
            [grouped(1234567), grouped(999), duration(0), duration(2.5), duration(0.0125), duration(3e-6),
             percent(0.1234), String(decimals(0.05)), String(niceStep(0.03)), String(niceStep(600)),
             linearScale(10).ticks.join(), logarithmicScale(500).ticks.join(), logarithmicScale(50000).ticks.join()]
            """, sharedHead, runtime)
        #expect(
            found == [
                "1\u{202F}234\u{202F}567", "999", "0\u{202F}µs", "2.500\u{202F}s", "12.50\u{202F}ms", "3.000\u{202F}µs",
                "12.3\u{202F}%", "2", "0.05", "1000", "0,5,10", "1,10,100,1000", "1,100,10000",
            ])
    }
}
