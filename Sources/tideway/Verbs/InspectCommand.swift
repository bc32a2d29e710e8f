import ArgumentParser
import ModelFiles
import Reporting

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a model file holds and what memory it needs.",
        discussion: "Reads GGUF and safetensors files. With --tensors each tensor is listed.")

    @Argument(help: ArgumentHelp("The model file.", valueName: "model")) var path: String
    @Flag(help: "List every tensor.") var tensors = false
    @Flag(help: "List every metadata entry.") var metadata = false

    mutating func run() throws {
        if path.hasSuffix(".safetensors") {
            Console.out(try SafetensorsInspection(path: path, listsTensors: tensors).text)
        } else {
            Console.out(try GGUFInspection(path: path, listsTensors: tensors, listsMetadata: metadata).text)
        }
    }
}
