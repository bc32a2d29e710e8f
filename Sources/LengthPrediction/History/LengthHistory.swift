/// The answers that earlier runs recorded, one per line (`LengthRecord.line`).
package struct LengthHistory: Sendable {
    /// In the order of the lines. If the same model answered a prompt more than once, only the last answer is kept.
    package let records: [LengthRecord]
    /// The number of lines whose answers were replaced by later ones.
    package let replaced: Int
    /// A note for the user that the last line is torn and was skipped; nil if no line is torn.
    package let note: String?
    /// The number of bytes up to the end of the last sound line. A writer that appends cuts the file there, and begins
    /// with a newline if the last of these bytes is not a newline.
    package let soundBytes: Int

    /// Reads the bytes of a history. Skips empty lines. A last line without a newline that cannot be parsed is torn,
    /// since its writer was interrupted: it is skipped with a note.
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
