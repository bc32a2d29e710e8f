import ModelFiles
import Testing

/// A damaged file and the error that it must give.
struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let code: ModelFileError.Code
    /// Parts of the message: the offending name, the value, the limit.
    let mentions: [String]
    let bytes: [UInt8]

    init(_ name: String, _ code: ModelFileError.Code, _ mentions: String..., bytes: [UInt8]) {
        self.name = name
        self.code = code
        self.mentions = mentions
        self.bytes = bytes
    }

    var testDescription: String { name }

    /// Checks that `open` refuses the bytes as it must.
    func check(_ open: ([UInt8]) throws(ModelFileError) -> Void) {
        do {
            try open(bytes)
            Issue.record("\(name): the file was accepted")
        } catch {
            #expect(error.code == code, "\(error)")
            for mention in mentions {
                #expect(error.message.contains(mention), "\"\(mention)\" is not in: \(error)")
            }
        }
    }
}
