import ChatTemplates
import Tokenization

/// Parses the bytes as a chat template and renders a conversation with it, within limits that keep each run short.
/// libFuzzer calls this once an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let source = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let limits = TemplateLimits(steps: 20_000, outputBytes: 1 << 16)
    guard let template = try? ChatTemplate(source: source, limits: limits) else { return 0 }
    for generates in [true, false] {
        let prompt = try? template.render(
            messages: messages, addGenerationPrompt: generates, bosToken: "<s>", eosToken: "</s>", extra: extra,
            now: TemplateDate(year: 2024, month: 2, day: 29, hour: 13, minute: 4, second: 5))
        check(prompt ?? [], of: source, limits)
    }
    return 0
}

/// Fails if the segments are not what `render` promises.
private func check(_ prompt: [TextSegment], of source: String, _ limits: TemplateLimits) {
    let bytes = prompt.reduce(0) { $0 + $1.text.utf8.count }
    guard bytes <= limits.outputBytes else { fatalError("\(bytes) bytes are more than \(limits.outputBytes)") }
    guard prompt.allSatisfy({ !$0.text.isEmpty }) else { fatalError("a segment is empty") }
    guard zip(prompt, prompt.dropFirst()).allSatisfy({ $0.isUserText != $1.isUserText }) else {
        fatalError("two neighbours have one provenance")
    }
    // A character of the messages alone, unless the template writes it itself: as it is, by an escape, or by its number.
    let mark: Unicode.Scalar = "\u{10FFF0}"
    let isOurs = !source.unicodeScalars.contains(mark) && !source.contains("fff0") && !source.contains("FFF0")
    guard !isOurs || prompt.allSatisfy({ $0.isUserText || !$0.text.unicodeScalars.contains(mark) }) else {
        fatalError("user text has become template text")
    }
}

private let tool = TemplateValue.object(
    TemplateObject([
        ("type", .template("function")),
        ("function", .object(TemplateObject([("name", .user("hail")), ("n", .integer(-3)), ("x", .number(0.5))]))),
    ]))

private let extra = TemplateObject([("tools", .array([tool])), ("documents", .null), ("enable_thinking", .bool(false))])

private let messages: [TemplateValue] = [
    .message(role: "system", content: "Be \u{10FFF0} brief."), .message(role: "user", content: " \u{10FFF0}Ahoy\n"),
    .object(
        TemplateObject([("role", .template("assistant")), ("content", .null), ("tool_calls", .array([tool]))])),
    .object(TemplateObject([("role", .template("tool")), ("content", .array([.user("\u{10FFF0}"), .integer(7)]))])),
]
