import BatchInference
import Testing

@Suite("the shape of a pipeline")
struct ShapeTests {
    private func candidate(_ stages: Int, _ threads: Int, _ seconds: Double?) -> ShapeChoice.Candidate {
        .init(EngineShape(stages: stages, threads: threads), seconds: seconds)
    }

    private func chosen(_ candidates: ShapeChoice.Candidate...) -> Int {
        ShapeChoice(from: candidates, sampled: 8).shape.stages
    }

    @Test("the shortest time wins, whatever the order")
    func shortest() {
        let times = [candidate(1, 4, 30), candidate(2, 2, 20), candidate(4, 1, 25)]
        for order in [times, times.reversed(), [times[1], times[2], times[0]]] {
            let choice = ShapeChoice(from: order, sampled: 8)
            #expect(choice.shape == EngineShape(stages: 2, threads: 2))
            #expect(choice.candidates == times)
        }
    }

    @Test("ties within 1 % go to fewer stages")
    func ties() {
        #expect(chosen(candidate(1, 2, 100.9), candidate(2, 1, 100)) == 1)
        #expect(chosen(candidate(1, 2, 101.1), candidate(2, 1, 100)) == 2)
        // The margin is that of the fastest: times that follow each other in small steps do not add up.
        #expect(chosen(candidate(1, 4, 101.8), candidate(2, 2, 100.9), candidate(4, 1, 100)) == 2)
        #expect(chosen(candidate(1, 2, 0), candidate(2, 1, 0)) == 1)
    }

    @Test("a shape in which the policy stands still is taken only if no other is there")
    func stalled() {
        #expect(chosen(candidate(1, 2, nil), candidate(2, 1, 100)) == 2)
        #expect(chosen(candidate(1, 2, 100), candidate(2, 1, nil)) == 1)
        #expect(chosen(candidate(2, 1, nil), candidate(1, 2, nil)) == 1)
    }

    @Test("candidates are all splits of the cores that the model's layers allow")
    func candidates() {
        func shapes(_ cores: Int, layers: Int, threads: Int? = nil) -> [[Int]] {
            ShapeSearch(cores: cores, threads: threads).candidates(layers: layers).map { [$0.stages, $0.threads] }
        }
        #expect(shapes(1, layers: 30) == [[1, 1]])
        #expect(shapes(2, layers: 30) == [[1, 2], [2, 1]])
        #expect(shapes(6, layers: 30) == [[1, 6], [2, 3], [3, 2], [4, 1], [5, 1], [6, 1]])
        #expect(shapes(6, layers: 2) == [[1, 6], [2, 3]])
        #expect(shapes(6, layers: 1) == [[1, 6]])
        #expect(shapes(64, layers: 30).map { $0[0] } == Array(1...8))
        #expect(shapes(64, layers: 30).last == [8, 8])
        #expect(shapes(8, layers: 30, threads: 3) == [[1, 3], [2, 3]])
        #expect(shapes(2, layers: 30, threads: 16) == [[1, 16]])
    }

    @Test("what is told: a line and an object")
    func told() throws {
        let choice = ShapeChoice(
            from: [candidate(1, 2, 12.3456), candidate(2, 1, 0.5), candidate(3, 1, nil)], sampled: 40)
        #expect(
            choice.line
                == "stages auto: 2 stages of 1 thread; predicted for 40 sequences: "
                + "1x2 12.3 s, 2x1 0.5 s, 3x1 no end")
        #expect(
            choice.json
                == (try json(
                    """
                    {"stages":2,"threads":1,"sampled":40,"chosen_from":[{"stages":1,"threads":2,"seconds":12.3456},\
                    {"stages":2,"threads":1,"seconds":0.5},{"stages":3,"threads":1,"seconds":null}]}
                    """)))
        let only = ShapeChoice(only: EngineShape(stages: 1, threads: 1))
        #expect(only.line == "stages auto: 1 stage of 1 thread; there was nothing to compare")
        #expect(only.json == (try json(#"{"stages":1,"threads":1,"sampled":0,"chosen_from":[]}"#)))
        #expect(ShapeChoice(from: [candidate(1, 1, 1234.5)], sampled: 1).line.hasSuffix("1x1 1235 s"))
    }
}
