import Scheduling
import Testing

@Suite struct KVBlocksTests {
    @Test func whatWasFreedLastIsTakenFirst() throws {
        var blocks = KVBlocks(total: 8, tokensPerBlock: 4)
        var (first, second) = (KVBlocks.Table(), KVBlocks.Table())
        blocks.grow(&first, toTokens: 9)
        blocks.grow(&second, toTokens: 4)
        #expect(first.blocks == [0, 1, 2] && second.blocks == [3])
        #expect(blocks.freeCount == 4 && blocks.usedCount == 4)
        blocks.grow(&first, toTokens: 12)
        #expect(first.blocks.count == 3)
        #expect(blocks.giveBack(&second, inFlight: 0))
        #expect(blocks.giveBack(&first, inFlight: 0))
        #expect(first.blocks.isEmpty && blocks.freeCount == 8)
        blocks.grow(&second, toTokens: 16)
        #expect(second.blocks == [0, 1, 2, 3])
        try blocks.checkIntegrity([first, second])
    }

    /// Two sequences share a prefix of two whole blocks. The first ends while it is in flight; the second goes on.
    @Test func aSharedPrefixIsFreeWhenItsLastOwnerIsGone() throws {
        var blocks = KVBlocks(total: 8, tokensPerBlock: 4)
        var first = KVBlocks.Table()
        blocks.grow(&first, toTokens: 10)
        var second = blocks.share(first, tokens: 8)
        #expect(second.blocks == [0, 1])
        #expect((0..<3).map { blocks.ownerCount(of: $0) } == [2, 2, 1])
        #expect(blocks.usedCount == 3)
        try blocks.checkIntegrity([first, second])

        // Each goes on in blocks of its own.
        blocks.grow(&second, toTokens: 9)
        #expect(second.blocks == [0, 1, 3])
        try blocks.checkIntegrity([first, second])

        // A micro-batch in flight holds tokens of the first: all of its blocks stay.
        #expect(!blocks.giveBack(&first, inFlight: 1))
        #expect(blocks.usedCount == 4)
        try blocks.checkIntegrity([first, second])
        #expect(blocks.giveBack(&first, inFlight: 0))
        #expect(first.blocks.isEmpty)
        #expect((0..<4).map { blocks.ownerCount(of: $0) } == [1, 1, 0, 1])
        #expect(blocks.usedCount == 3)
        try blocks.checkIntegrity([first, second])

        // A third one finds the prefix with the second, which then ends too.
        var third = blocks.share(second, tokens: 4)
        #expect(blocks.giveBack(&second, inFlight: 0))
        #expect(third.blocks == [0] && blocks.usedCount == 1)
        try blocks.checkIntegrity([first, second, third])
        #expect(blocks.giveBack(&third, inFlight: 0))
        #expect(blocks.usedCount == 0)
        try blocks.checkIntegrity([first, second, third])
    }

    /// Three tokens that were speculated are taken back; the last two of them had begun a block.
    @Test func aRollBackGivesUpTheBlocksBehindIt() throws {
        var blocks = KVBlocks(total: 6, tokensPerBlock: 4)
        var (table, other) = (KVBlocks.Table(), KVBlocks.Table())
        blocks.grow(&table, toTokens: 7)
        blocks.grow(&table, toTokens: 10)
        #expect(table.blocks == [0, 1, 2])
        blocks.rollBack(&table, toTokens: 7, inFlight: 0)
        #expect(table.blocks == [0, 1] && blocks.usedCount == 2)
        try blocks.checkIntegrity([table])
        // The block goes to who asks next, and the sequence goes on in another.
        blocks.grow(&other, toTokens: 1)
        blocks.grow(&table, toTokens: 9)
        #expect(other.blocks == [2] && table.blocks == [0, 1, 3])
        // Within a block nothing is given up.
        blocks.rollBack(&table, toTokens: 9, inFlight: 0)
        blocks.grow(&table, toTokens: 12)
        blocks.rollBack(&table, toTokens: 9, inFlight: 0)
        #expect(table.blocks == [0, 1, 3])
        // A shared prefix stays with the other owner when one is rolled back to it, or before it at a border.
        var sharer = blocks.share(table, tokens: 8)
        blocks.grow(&sharer, toTokens: 11)
        blocks.rollBack(&sharer, toTokens: 8, inFlight: 0)
        #expect(sharer.blocks == [0, 1])
        blocks.rollBack(&sharer, toTokens: 4, inFlight: 0)
        #expect((0..<2).map { blocks.ownerCount(of: $0) } == [2, 1])
        try blocks.checkIntegrity([table, other, sharer])
    }

    @Test func aMiscountIsFound() throws {
        var blocks = KVBlocks(total: 4, tokensPerBlock: 4)
        var table = KVBlocks.Table()
        blocks.grow(&table, toTokens: 8)
        let copy = table
        try blocks.checkIntegrity([table])
        // A table that nobody counted, and one that is missing.
        #expect(throws: IntegrityError.self) { try blocks.checkIntegrity([table, copy]) }
        #expect(throws: IntegrityError.self) { try blocks.checkIntegrity([] as [KVBlocks.Table]) }
        let sharer = blocks.share(table, tokens: 4)
        try blocks.checkIntegrity([table, sharer])
        #expect(throws: IntegrityError.self) { try blocks.checkIntegrity([table]) }
        // A block that is used after it was freed.
        #expect(blocks.giveBack(&table, inFlight: 0))
        #expect(throws: IntegrityError.self) { try blocks.checkIntegrity([copy, sharer]) }
        try blocks.checkIntegrity([table, sharer])
    }

    @Test(arguments: BlockFault.allCases)
    func aFaultEndsTheProcess(fault: BlockFault) async {
        await #expect(processExitsWith: .failure) { [fault] in fault.run(isGuilty: true) }
        await #expect(processExitsWith: .success) { [fault] in fault.run(isGuilty: false) }
    }
}

enum BlockFault: String, CaseIterable, Codable, Sendable {
    case takesTooMany, sharesPartOfABlock, sharesWhatIsNotThere, rollsBackInFlight, rollsBackForwards
    case rollsBackIntoASharedBlock, freesTwice

    /// Eight tokens in two of three blocks; what is done with them is a fault or its innocent neighbour.
    func run(isGuilty: Bool) {
        var blocks = KVBlocks(total: 3, tokensPerBlock: 4)
        var table = KVBlocks.Table()
        blocks.grow(&table, toTokens: 8)
        switch self {
        case .takesTooMany: blocks.grow(&table, toTokens: isGuilty ? 13 : 12)
        case .sharesPartOfABlock: _ = blocks.share(table, tokens: isGuilty ? 7 : 4)
        case .sharesWhatIsNotThere: _ = blocks.share(table, tokens: isGuilty ? 12 : 8)
        case .rollsBackInFlight: blocks.rollBack(&table, toTokens: 4, inFlight: isGuilty ? 1 : 0)
        case .rollsBackForwards: blocks.rollBack(&table, toTokens: isGuilty ? 9 : 8, inFlight: 0)
        case .rollsBackIntoASharedBlock:
            let sharer = blocks.share(table, tokens: 8)
            blocks.rollBack(&table, toTokens: isGuilty ? 3 : 4, inFlight: 0)
            precondition(sharer.blocks.count == 2)
        case .freesTwice:
            var copy = table
            precondition(blocks.giveBack(&table, inFlight: 0))
            if isGuilty { precondition(blocks.giveBack(&copy, inFlight: 0)) }
        }
    }
}
