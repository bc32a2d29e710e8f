/// Text that a template has written so far, up to a limit.
struct TemplateOutput {
    private(set) var string = TemplateString()
    private var bytes = 0
    private let limit: Int

    /// - Parameter limit: the most UTF-8 bytes.
    init(limit: Int) { self.limit = limit }

    mutating func append(_ text: TemplateString) throws {
        for scalar in text.scalars { bytes += UTF8.width(scalar) }
        guard bytes <= limit else {
            throw ChatTemplateError.limit("the output exceeds \(limit) bytes: \(bytes) and more")
        }
        string.append(text)
    }
}
