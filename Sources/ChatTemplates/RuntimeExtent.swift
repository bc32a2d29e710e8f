/// How deep and how large a container of values is. Comparing, printing and freeing it recurse, and a value that is
/// referred to twice is handled twice, so both are bounded when the container is made.
struct RuntimeExtent {
    /// Containers within one another, this one included.
    private(set) var depth = 1
    /// The values within, at all levels; 16 characters of a string count as one more.
    private(set) var size = 1

    /// - Throws: `limit` for values nested too deep or too large.
    init(of children: some Sequence<RuntimeValue>) throws {
        for child in children {
            depth = max(depth, child.depth + 1)
            size += child.size
            guard size <= TemplateLimits.valueSize else {
                throw ChatTemplateError.limit(
                    "a value of more than \(TemplateLimits.valueSize) items in all, or 16 times as many characters")
            }
        }
        guard depth <= TemplateLimits.valueDepth else {
            throw ChatTemplateError.limit("values nest deeper than \(TemplateLimits.valueDepth) levels")
        }
    }
}
