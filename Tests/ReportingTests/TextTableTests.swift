import Reporting
import Testing

@Suite struct TextTableTests {
    @Test func numbersStandRightAndWordsLeft() {
        let table = TextTable(
            header: ["policy", "tok/s", "bubble"],
            rows: [["td-pipe", "1,412", "3.1 %"], ["hybrid", "988", "-"], ["sb", "", "31.0 %"]])
        #expect(
            table.rendered(style: .ascii) == """
                policy   tok/s  bubble
                -------  -----  ------
                td-pipe  1,412   3.1 %
                hybrid     988       -
                sb              31.0 %

                """)
    }

    @Test func wideCharactersCountTwice() {
        let table = TextTable(rows: [["モデル", "a"], ["e\u{301}te\u{301}", "b"], ["🚀", "c"], ["tiny", "d"]])
        #expect(
            table.rendered() == """
                モデル  a
                e\u{301}te\u{301}     b
                🚀      c
                tiny    d

                """)
    }

    @Test func raggedRowsAndIndentation() {
        let table = TextTable(header: ["a"], rows: [["1", "x"], [], ["22", "", "y"]])
        #expect(
            table.rendered(style: .unicode, indent: 2) == "   a\n  ──  ─  ─\n   1  x\n\n  22     y\n")
        #expect(TextTable().rendered() == "")
    }

    @Test func controlCharactersCannotBreakTheTable() {
        #expect(TextTable(rows: [["a\nb\u{1B}[2J", "c"]]).rendered() == "a b [2J  c\n")
    }
}
