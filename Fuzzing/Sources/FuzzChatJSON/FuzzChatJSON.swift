import OpenAIProtocol
import Platform

/// Reads the bytes as a line of an input file, and as plain JSON, which must come through writing and reading
/// unchanged. libFuzzer calls this once an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    switch RequestLine.parse(bytes, lineNumber: 7) {
    case .invalid(let refused):
        guard !refused.error.message.isEmpty, !refused.customID.isEmpty else { fatalError("a refusal says nothing") }
    case .request(let request):
        guard request.n >= 1, request.lineNumber == 7, !request.customID.isEmpty else {
            fatalError("a request breaks its own rules")
        }
        check(request.prompt)
    }
    if let value = try? JSONParser.parse(bytes) {
        guard let again = try? JSONParser.parse(Array(value.encoded())), again == value else {
            fatalError("JSON does not come through writing and reading")
        }
    }
    return 0
}

private func check(_ prompt: Prompt) {
    switch prompt {
    case .messages(let messages, let tools):
        guard !messages.isEmpty, tools?.elements?.isEmpty != true else { fatalError("a chat without messages") }
    case .text(let text):
        guard !text.isEmpty else { fatalError("an empty prompt") }
    case .tokens(let tokens):
        guard !tokens.isEmpty else { fatalError("a prompt without tokens") }
    }
}
