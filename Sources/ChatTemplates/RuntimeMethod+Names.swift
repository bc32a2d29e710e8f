extension RuntimeMethod {
    private static let ofStrings: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "replace", "upper",
        "lower", "title", "capitalize", "find", "rfind", "count", "join", "isdigit", "isalpha", "isalnum", "isspace",
        "isupper", "islower", "removeprefix", "removesuffix", "partition", "rpartition", "format", "swapcase", "zfill",
        "center", "ljust", "rjust", "index", "rindex", "isdecimal", "isnumeric", "isascii",
    ]
    private static let ofMappings: Set<String> = ["items", "keys", "values", "get", "copy"]
    private static let ofLists: Set<String> = ["index", "count", "copy"]

    /// Methods that change their receiver: they hide a mapping's members of these names, and calling them is refused.
    static let mutating: Set<String> = [
        "append", "extend", "insert", "remove", "sort", "reverse", "clear", "pop", "popitem", "setdefault", "update",
    ]
    private static let mutatingOfMappings: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

    /// The names of a value's methods.
    static func names(of value: RuntimeValue) -> Set<String> {
        switch value {
        case .string: ofStrings
        case .mapping: ofAllMappings
        case .list: ofAllLists
        case .tuple, .range: ["index", "count"]
        default: []
        }
    }

    private static let ofAllMappings = ofMappings.union(mutatingOfMappings)
    private static let ofAllLists = ofLists.union(mutating.subtracting(["popitem", "setdefault", "update"]))
}
