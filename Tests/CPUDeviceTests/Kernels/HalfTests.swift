import CKernels
import TestTools
import Testing

@Suite("Half precision")
struct HalfTests {
    /// The value of a half by definition.
    private func value(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF) / 1024
        switch exponent {
        case 31: return fraction == 0 ? sign * .infinity : .nan
        case 0: return sign * fraction * 0x1p-14
        default: return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    @Test("all 65,536 halves become the floats of the same value, and come back")
    func everyHalf() {
        var wrong: [UInt16] = []
        for bits in UInt16.min...UInt16.max {
            let float = tw_half_to_float(bits)
            let expected = Float(value(bits))
            if expected.isNaN {
                let back = tw_float_to_half(float)
                if !float.isNaN || float.isSignalingNaN || back & 0x7C00 != 0x7C00 || back & 0x3FF == 0 {
                    wrong.append(bits)
                }
            } else if float.bitPattern != expected.bitPattern || tw_float_to_half(float) != bits {
                wrong.append(bits)
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("a float between two halves goes to the nearer one, and half-way to the even one")
    func rounding() {
        var wrong: [UInt16] = []
        // The largest finite half is 0x7BFF; past it stands what would be the next, 65536, which is infinity.
        for bits in UInt16(0)...0x7BFF {
            let low = value(bits)
            let high = bits == 0x7BFF ? 65_536 : value(bits + 1)
            let middle = Float((low + high) / 2)
            let even = bits & 1 == 0 ? bits : bits + 1
            let results = [middle, middle.nextDown, middle.nextUp].map { tw_float_to_half($0) }
            let negative = [middle, middle.nextDown, middle.nextUp].map { tw_float_to_half(-$0) & 0x7FFF }
            if results != [even, bits, bits + 1] || negative != results { wrong.append(bits) }
        }
        #expect(wrong.isEmpty)
    }

    @Test("the ends of the range")
    func ends() {
        #expect(tw_float_to_half(0) == 0)
        #expect(tw_float_to_half(-0.0) == 0x8000)
        #expect(tw_float_to_half(.leastNonzeroMagnitude) == 0)
        #expect(tw_float_to_half(-Float.leastNonzeroMagnitude) == 0x8000)
        #expect(tw_float_to_half(65_504) == 0x7BFF)
        #expect(tw_float_to_half(65_520) == 0x7C00)
        #expect(tw_float_to_half(.greatestFiniteMagnitude) == 0x7C00)
        #expect(tw_float_to_half(-.infinity) == 0xFC00)
    }

    @Test("stored keys and values are the rounded ones", arguments: KernelSet.all)
    func stored(kernels: KernelSet) {
        var random = SplitMix(seed: 5)
        // Two values of every size and sign, then what does not fit.
        let floats = (0..<4096).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        let usable = floats.filter { !$0.isNaN }
        for start in stride(from: 0, to: usable.count - 16, by: 16) {
            let (key, value) = (Array(usable[start..<start + 8]), Array(usable[start + 8..<start + 16]))
            var head = [UInt16](repeating: 0x1234, count: 2 * 8 * 16)
            head.withUnsafeMutableBytes { bytes in
                kernels.table.store_kv(
                    TW_KV_F16, key, value, 8, 3, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
            let (k, v) = (head[..<128], head[128...])
            #expect((0..<8).map { k[$0 * 16 + 3] } == key.map { tw_float_to_half($0) })
            #expect(Array(v[128 + 24..<128 + 32]) == value.map { tw_float_to_half($0) })
            #expect(k.count { $0 != 0x1234 } <= 8 && v.count { $0 != 0x1234 } <= 8, "other slots were touched")
        }
    }
}
