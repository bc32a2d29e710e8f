import Reporting
import Testing

@Suite struct QuantitiesTests {
    @Test(arguments: [
        ("256MiB", 268_435_456), ("2GiB", 2_147_483_648), ("512KiB", 524_288), ("1000000", 1_000_000), ("0", 0),
        ("64 B", 64), ("3 gib", 3_221_225_472), ("1TiB", 1_099_511_627_776),
        ("9223372036854775807", Int.max), ("8388607TiB", 8_388_607 << 40),
    ])
    func sizesAreRead(text: String, bytes: Int) throws {
        #expect(try Quantities.parseBytes(text) == bytes)
    }

    @Test(arguments: [
        "", "MiB", "-1", "+5", "1.5GiB", "256MB", "256M", "12 34", "0x10", " 5", "5KiBs", "٣MiB", "1e9", "five",
    ])
    func otherTextsAreRefused(text: String) {
        let error = #expect(throws: ReportingError.self) { try Quantities.parseBytes(text) }
        #expect(error?.code == .malformedSize)
        #expect(error?.message.contains("'\(text)'") == true)
    }

    @Test(arguments: ["9223372036854775808", "8388608TiB", "99999999999999999999999GiB"])
    func overflowIsRefused(text: String) {
        let error = #expect(throws: ReportingError.self) { try Quantities.parseBytes(text) }
        #expect(error?.code == .sizeTooLarge)
        #expect(error?.description == "size too large: a size is at most \(Int.max) bytes; given: '\(text)'")
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (268_435_456, "256.0 MiB"),
        (1_048_575, "1.0 MiB"), (2_147_483_648, "2.0 GiB"), (-2048, "-2.0 KiB"), (Int.max, "8.0 EiB"),
        (Int.min, "-8.0 EiB"),
    ])
    func sizesAreWritten(bytes: Int, text: String) {
        #expect(Quantities.bytes(bytes) == text)
    }

    @Test func fixedDigits() {
        #expect(Quantities.fixed(0, digits: 2) == "0.00")
        #expect(Quantities.fixed(1.25, digits: 1) == "1.3")
        #expect(Quantities.fixed(-1.25, digits: 1) == "-1.3")
        #expect(Quantities.fixed(-0.001, digits: 2) == "0.00")
        #expect(Quantities.fixed(0.999, digits: 2) == "1.00")
        #expect(Quantities.fixed(12.0625, digits: 3) == "12.063")
        #expect(Quantities.fixed(7.5, digits: 0) == "8")
        #expect(Quantities.fixed(.infinity, digits: 1) == "inf")
        #expect(Quantities.fixed(.nan, digits: 1) == "nan")
        #expect(Quantities.fixed(1e300, digits: 1) == "1e+300")
    }

    @Test func groups() {
        #expect(Quantities.grouped(0) == "0")
        #expect(Quantities.grouped(999) == "999")
        #expect(Quantities.grouped(1000, separator: ",") == "1,000")
        #expect(Quantities.grouped(-123_456, separator: ",") == "-123,456")
        #expect(Quantities.grouped(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(Quantities.grouped(.min, separator: ",") == "-9,223,372,036,854,775,808")
    }

    @Test func ratesAndShares() {
        #expect(Quantities.rate(0.414, unit: "tok") == "0.41 tok/s")
        #expect(Quantities.rate(9.996, unit: "tok") == "10.0 tok/s")
        #expect(Quantities.rate(99.96, unit: "tok") == "100 tok/s")
        #expect(Quantities.rate(412.4, unit: "tok") == "412 tok/s")
        #expect(Quantities.rate(41_234, unit: "tok", separator: ",") == "41,234 tok/s")
        #expect(Quantities.number(.infinity) == "inf")
        #expect(Quantities.number(.nan) == "nan")
        #expect(Quantities.percent(0.374) == "37 %")
        #expect(Quantities.percent(0.0999, digits: 1) == "10.0 %")
    }

    @Test(arguments: [
        (0.0, "0:00"), (7.6, "0:08"), (59.7, "1:00"), (750, "12:30"), (11_100, "3:05:00"), (-4, "0:00"),
        (.infinity, "-:--"), (.nan, "-:--"), (1e300, "-:--"),
    ])
    func clocks(seconds: Double, text: String) {
        #expect(Quantities.clock(seconds) == text)
    }

    @Test(arguments: [
        (0.0, "0 s"), (85e-9, "85 ns"), (12.34e-6, "12.3 µs"), (4.56e-3, "4.56 ms"), (0.9996, "1.00 s"),
        (78.9, "78.9 s"), (119.7, "2 min 0 s"), (750, "12 min 30 s"), (11_100, "3 h 5 min"), (-0.5, "-500 ms"),
        (-750, "-12 min 30 s"), (.infinity, "inf s"),
    ])
    func durations(seconds: Double, text: String) {
        #expect(Quantities.duration(seconds) == text)
    }

    @Test func asciiMicroseconds() {
        #expect(Quantities.duration(12.34e-6, style: .ascii) == "12.3 us")
    }
}
