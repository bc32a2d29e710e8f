import Scheduling
import Testing

@Suite struct TDPipeOptionsTests {
    @Test func whatIsNotNamedKeepsItsDefault() throws {
        #expect(try TDPipeOptions(parsing: "") == TDPipeOptions())
        #expect(
            TDPipeOptions() == TDPipeOptions(greedy: .predicted, stealing: true, switching: .intensity, order: .auto))
        #expect(try TDPipeOptions(parsing: "order=longest") == TDPipeOptions(order: .longest))
        #expect(try TDPipeOptions(parsing: "stealing=off") == TDPipeOptions(stealing: false))
        #expect(
            try TDPipeOptions(parsing: "greedy=fixed:0.7,stealing=off,switch=fixed:0.4")
                == TDPipeOptions(greedy: .fixed(0.7), stealing: false, switching: .fixed(0.4)))
    }

    @Test func theCanonicalFormIsReadBack() throws {
        for greedy in ["predicted", "fixed:0.25", "fixed:1.0"] {
            for stealing in ["on", "off"] {
                for switching in ["intensity", "released", "marginal", "fixed:0.5"] {
                    for order in ["auto", "arrival", "longest"] {
                        for piggyback in ["cost", "off"] {
                            let text =
                                "greedy=\(greedy),stealing=\(stealing),switch=\(switching),order=\(order),"
                                + "piggyback=\(piggyback)"
                            for bounds in ["", ",tpot=0.1", ",ttft=5.0", ",tpot=0.25,ttft=1.5"] {
                                #expect(try TDPipeOptions(parsing: text + bounds).description == text + bounds)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("greedy=0.7", "'0.7'", "predicted or fixed:X"), ("greedy=fixed:0", "'fixed:0'", "above 0"),
        ("greedy=fixed:1.01", "'fixed:1.01'", "at most 1"), ("greedy=fixed:nan", "'fixed:nan'", "at most 1"),
        ("switch=fixed:-1", "'fixed:-1'", "marginal"), ("switch=often", "'often'", "released"),
        ("stealing=yes", "'yes'", "on or off"), ("order=shortest", "'shortest'", "auto, arrival or longest"),
        ("stealing", "'stealing'", "switch="), ("tpot=0", "'0'", "above 0"), ("tpot=nan", "'nan'", "above 0"),
        ("ttft=-1", "'-1'", "at most"), ("ttft=2e9", "'2e9'", "1000000000.0"), ("tpot=1s", "'1s'", "seconds"),
        ("steal=on", "'steal=on'", "stealing="), ("greedy=predicted,", "''", "greedy="),
        ("stealing=on,stealing=on", "'stealing'", "once"), ("=", "'='", "greedy="),
    ])
    func anErrorTellsWhatWasGivenAndWhatIsAllowed(text: String, given: String, allowed: String) {
        let error = #expect(throws: TDPipeOptionsError.self) { try TDPipeOptions(parsing: text) }
        #expect(error?.message.contains(given) == true)
        #expect(error?.message.contains(allowed) == true)
    }
}
