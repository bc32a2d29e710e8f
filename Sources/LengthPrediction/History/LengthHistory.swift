/// The answers that earlier runs took down, one a line (`LengthRecord.line`).
package struct LengthHistory: Sendable {
    /// In the order of the lines. Where a prompt was answered by the same model more than once, its last answer only.
    package let records: [LengthRecord]
    /// Lines whose answer a later one replaced.
    package let replaced: Int
    /// What was passed over, for the user: nil, or that the last line is torn.
    package let note: String?
    /// The bytes up to the end of the last sound line. Whoever appends cuts the file there, and begins with a newline
    /// if the last of these bytes is none.
    package let soundBytes: Int

    /// Reads the bytes of a history. Empty lines count for nothing. A last line without a newline that cannot be read
    /// was torn by the end of its writer: it is passed over with a note.
    /// - Throws: `bad_history` that names the line, counted from 1.
    package init(parsing bytes: [UInt8]) throws(PredictionError) {
        var all: [LengthRecord] = []
        var note: String?
        var sound = bytes.count
        var start = 0
        var number = 0
        while start < bytes.count {
            number += 1
            let end = bytes[start...].firstIndex(of: 0x0A)
            let line = bytes[start..<(end ?? bytes.count)]
            do {
                if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
                    all.append(try LengthRecord(parsing: Array(line)))
                }
            } catch {
                guard end == nil else { throw PredictionError(error.code, "line \(number): \(error.message)") }
                note = "the last line (\(number)) is torn and was passed over: \(error.message)"
                sound = start
            }
            start = (end ?? bytes.count - 1) + 1
        }
        records = Self.latest(all)
        replaced = all.count - records.count
        self.note = note
        soundBytes = sound
    }

    /// The records of answers by the model with this fingerprint.
    package func records(ofModel model: UInt64) -> [LengthRecord] { records.filter { $0.model == model } }

    private struct Key: Hashable {
        let prompt: UInt64
        let model: UInt64
    }

    private static func latest(_ all: [LengthRecord]) -> [LengthRecord] {
        var seen: Set<Key> = []
        var kept: [LengthRecord] = []
        for record in all.reversed() {
            if seen.insert(Key(prompt: record.promptDigest, model: record.model)).inserted { kept.append(record) }
        }
        return kept.reversed()
    }
}
