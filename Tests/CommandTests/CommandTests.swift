import Testing

/// Tests of the program as its users see it: files, flags, exit statuses, signals. They start processes that use all
/// cores, so they run one after another.
@Suite("Command", .serialized)
struct CommandTests {
    /// The reason that a skipped test shows.
    static let needsCache: Comment = "TIDEWAY_TEST_CACHE does not name the folder of the test models"
    static let needsRealModel: Comment = "TIDEWAY_TEST_MODEL does not name a model file"
}
