// The formats' names are written as people write them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

extension Dequantize {
    /// One block of a tensor.
    struct Block {
        let bytes: UnsafeRawBufferPointer

        /// Calls `put` with the index in the block and the value of every element.
        func decode(_ type: TensorType, _ put: (Int, Float) -> Void) {
            switch type {
            case .f32: put(0, Float(bitPattern: number(at: 0, UInt32.self)))
            case .f16: put(0, half(at: 0))
            case .bf16: put(0, Float(brain: number(at: 0, UInt16.self)))
            case .q4_0: decodeQ4_0(put)
            case .q4_1: decodeQ4_1(put)
            case .q5_0: decodeQ5_0(put)
            case .q5_1: decodeQ5_1(put)
            case .q8_0: decodeQ8_0(put)
            case .q4_K: decodeQ4_K(put)
            case .q5_K: decodeQ5_K(put)
            case .q6_K: decodeQ6_K(put)
            }
        }

        private func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, _: Number.Type) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }

        private func half(at offset: Int) -> Float {
            Float(half: number(at: offset, UInt16.self))
        }

        /// The 4-bit number `index` (0...31) of the 16 bytes that start at `offset`: numbers 0 to 15 are the bytes'
        /// lower halves, numbers 16 to 31 the upper halves.
        private func nibble(_ index: Int, at offset: Int) -> UInt8 {
            bytes[offset + index % 16] >> (index < 16 ? 0 : 4) & 0x0F
        }

        // Scale, then 32 numbers of 4 bits, from each of which 8 is subtracted.
        private func decodeQ4_0(_ put: (Int, Float) -> Void) {
            let scale = half(at: 0)
            for index in 0..<32 {
                put(index, scale * Float(Int(nibble(index, at: 2)) - 8))
            }
        }

        // Scale, minimum, then 32 numbers of 4 bits.
        private func decodeQ4_1(_ put: (Int, Float) -> Void) {
            let scale = half(at: 0)
            let minimum = half(at: 2)
            for index in 0..<32 {
                put(index, scale * Float(nibble(index, at: 4)) + minimum)
            }
        }

        // Scale, 32 fifth bits, then 32 numbers' lower 4 bits; 16 is subtracted from each number.
        private func decodeQ5_0(_ put: (Int, Float) -> Void) {
            let scale = half(at: 0)
            let highBits = number(at: 2, UInt32.self)
            for index in 0..<32 {
                let quant = Int(nibble(index, at: 6)) | Int(highBits >> UInt32(index) & 1) << 4
                put(index, scale * Float(quant - 16))
            }
        }

        // Scale, minimum, 32 fifth bits, then 32 numbers' lower 4 bits.
        private func decodeQ5_1(_ put: (Int, Float) -> Void) {
            let scale = half(at: 0)
            let minimum = half(at: 2)
            let highBits = number(at: 4, UInt32.self)
            for index in 0..<32 {
                let quant = Int(nibble(index, at: 8)) | Int(highBits >> UInt32(index) & 1) << 4
                put(index, scale * Float(quant) + minimum)
            }
        }

        // Scale, then 32 signed bytes.
        private func decodeQ8_0(_ put: (Int, Float) -> Void) {
            let scale = half(at: 0)
            for index in 0..<32 {
                put(index, scale * Float(Int8(bitPattern: bytes[2 + index])))
            }
        }

        /// The 6-bit scale and the 6-bit minimum of eighth `part` of a `Q4_K` or `Q5_K` block, which share 12 bytes:
        /// parts 0 to 3 have bytes of their own; parts 4 to 7 share four bytes for their lower four bits and use the
        /// upper two bits of the others.
        private func scaleAndMinimum(_ part: Int) -> (scale: Float, minimum: Float) {
            let low = part % 4
            let scaleByte = bytes[4 + low]
            let minimumByte = bytes[8 + low]
            if part < 4 {
                return (Float(scaleByte & 0x3F), Float(minimumByte & 0x3F))
            }
            let shared = bytes[12 + low]
            return (Float(shared & 0x0F | scaleByte >> 2 & 0x30), Float(shared >> 4 | minimumByte >> 2 & 0x30))
        }

        // Scale of scales, scale of minimums, 12 bytes of both, then 256 numbers of 4 bits: in each run of 32 bytes the
        // lower halves are one part of 32 and the upper halves the next.
        private func decodeQ4_K(_ put: (Int, Float) -> Void) {
            for part in 0..<8 {
                let (scale, minimum) = scaleAndMinimum(part)
                let d = half(at: 0) * scale
                let m = half(at: 2) * minimum
                for index in 0..<32 {
                    let quant = bytes[16 + part / 2 * 32 + index] >> (part % 2 * 4) & 0x0F
                    put(part * 32 + index, d * Float(quant) - m)
                }
            }
        }

        // As `Q4_K`, with 32 bytes of fifth bits before the rest: bit `part` of byte `index`.
        private func decodeQ5_K(_ put: (Int, Float) -> Void) {
            for part in 0..<8 {
                let (scale, minimum) = scaleAndMinimum(part)
                let d = half(at: 0) * scale
                let m = half(at: 2) * minimum
                for index in 0..<32 {
                    let low = bytes[48 + part / 2 * 32 + index] >> (part % 2 * 4) & 0x0F
                    let high = bytes[16 + index] >> part & 1
                    put(part * 32 + index, d * Float(low | high << 4) - m)
                }
            }
        }

        // 128 bytes of lower 4 bits, 64 bytes of upper 2 bits, 16 signed scales, then their scale; 32 is subtracted
        // from each number. Both halves of the block have the same layout: four parts of 32, of which the first two use
        // the lower halves of 64 bytes.
        private func decodeQ6_K(_ put: (Int, Float) -> Void) {
            let scaleOfScales = half(at: 208)
            for index in 0..<256 {
                let (side, part, column) = (index / 128, index / 32 % 4, index % 32)
                let low = bytes[side * 64 + part % 2 * 32 + column] >> (part / 2 * 4) & 0x0F
                let high = bytes[128 + side * 32 + column] >> (part * 2) & 0x03
                let scale = Float(Int8(bitPattern: bytes[192 + index / 16]))
                put(index, scaleOfScales * scale * Float(Int(low | high << 4) - 32))
            }
        }
    }
}
