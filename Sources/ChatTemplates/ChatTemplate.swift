import Tokenization

/// A model's chat template: a program in a subset of Jinja that writes a conversation as a prompt.
///
/// Runs with Hugging Face's settings (`trim_blocks`, `lstrip_blocks`, loop controls, `tojson` without HTML escapes) in
/// an interpreter without reflection, input or output, within limits on steps, nesting and size. The rendered prompt
/// distinguishes template text from user text. Unsupported features are refused: template inheritance and imports,
/// `cycler`, `joiner` and `lipsum`, integers beyond 64 bits, and the filters for web pages (`striptags`, `urlize`,
/// `wordwrap`, `xmlattr`, `filesizeformat`, `pprint`) and for chance (`random`).
public struct ChatTemplate: Sendable {
    private let program: [TemplateStatement]
    private let limits: TemplateLimits

    /// Parses a template.
    /// - Throws: `syntax` for a source that does not parse or uses an unsupported feature, `limit` for nesting too
    ///   deep.
    public init(source: String, limits: TemplateLimits = TemplateLimits()) throws(ChatTemplateError) {
        do {
            program = try StatementParser.parse(source)
        } catch let error as ChatTemplateError {
            throw error
        } catch {
            throw ChatTemplateError(.syntax, "\(error)")
        }
        self.limits = limits
    }

    /// Writes a conversation as a prompt.
    ///
    /// The template sees `messages`, `add_generation_prompt`, `bos_token`, `eos_token`, the members of `extra`, and
    /// `tools` and `documents`, which are none unless `extra` has them.
    /// - Parameters:
    ///   - messages: the conversation. Strings that came from a request must be user text (`TemplateValue.user`).
    ///   - addGenerationPrompt: whether to end with the beginning of an answer.
    ///   - bosToken: the text of the token that begins a sequence.
    ///   - eosToken: the text of the token that ends a sequence.
    ///   - extra: further variables, such as `tools`; a name given twice counts with its later value.
    ///   - now: the time that `strftime_now` returns; without it the function fails.
    /// - Returns: the prompt in segments: neighbours have different provenance, and none is empty. A string that is
    ///   made from user text and cannot keep user and template text apart, such as an object's JSON, is user text as a
    ///   whole. Numbers have no provenance: their digits are template text.
    /// - Throws: `refusal` with the template's own message where it calls `raise_exception`, `failure`,
    ///   `limit`.
    public func render(
        messages: [TemplateValue], addGenerationPrompt: Bool, bosToken: String = "", eosToken: String = "",
        extra: TemplateObject = TemplateObject(), now: TemplateDate? = nil
    ) throws(ChatTemplateError) -> [TextSegment] {
        do {
            var variables: [String: RuntimeValue] = [
                "messages": try RuntimeValue(.array(messages)),
                "add_generation_prompt": .bool(addGenerationPrompt),
                "bos_token": .template(bosToken),
                "eos_token": .template(eosToken),
                "tools": .none,
                "documents": .none,
            ]
            for member in extra.members { variables[member.name.text] = try RuntimeValue(member.value) }
            return try TemplateInterpreter(limits: limits, now: now).run(program, variables: variables).segments
        } catch let error as ChatTemplateError {
            throw error
        } catch {
            throw ChatTemplateError(.failure, "\(error)")
        }
    }
}

extension RuntimeValue {
    /// Converts a value from the caller.
    /// - Throws: `limit` for values nested too deep.
    fileprivate init(_ value: TemplateValue, level: Int = 0) throws {
        guard level <= TemplateLimits.valueDepth else {
            throw ChatTemplateError.limit("values nest deeper than \(TemplateLimits.valueDepth) levels")
        }
        switch value {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let string): self = .string(string)
        case .array(let items): self = try .list(items.map { try RuntimeValue($0, level: level + 1) })
        case .object(let object):
            self = try .mapping(
                RuntimeMapping(object.members.map { try ($0.name, RuntimeValue($0.value, level: level + 1)) }))
        }
    }
}
