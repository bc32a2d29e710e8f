import ArgumentParser
import Inference
import Reporting
import Runtime
import Scheduling

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measure what steps cost on this machine, for the policies that plan with it.",
        discussion: """
            Prompts and decode steps of many sizes go through a real pipeline with all stages busy. The times are stored \
            where tideway run and tideway bench look for them: in $XDG_CACHE_HOME/tideway, or ~/.cache/tideway. Takes \
            less than a minute; the machine should have nothing else to do.
            """)

    @Option(help: ArgumentHelp("The model, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("Pipeline stages.", valueName: "n")) var stages: Int
    @Option(help: ArgumentHelp("Threads of each stage (default: the cores shared out evenly).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp("Memory for keys and values, over all stages. (default: 1GiB)", valueName: "size"),
        transform: ByteCount.init(parsing:))
    var kvMemory = ByteCount(bytes: 1 << 30)
    @Option(help: ArgumentHelp("The most prompt tokens in a micro-batch.", valueName: "n")) var prefillChunk = 512
    @OptionGroup var precision: PrecisionOptions
    @Option(help: ArgumentHelp("Where the profile goes, in place of the standard place.", valueName: "file"))
    var output: String?

    mutating func validate() throws {
        try PipelineShape.check(stages: stages, threads: threads, prefillChunk: prefillChunk)
    }

    mutating func run() throws {
        var options = EngineOptions()
        options.stages = stages
        options.threads = PipelineShape.threads(threads, stages: stages)
        options.kvMemory = kvMemory.bytes
        options.prefillChunk = prefillChunk
        options.precision = precision.activations
        options.kvType = precision.kvType
        let text = try TextModel(path: model)
        guard let file = output.map({ ProfileFile(path: $0) }) ?? ProfileFile.standard(for: text, options) else {
            throw ValidationError("neither XDG_CACHE_HOME nor HOME names a folder; name a file with --output")
        }
        try ReportFiles(reports: [("output", output)], others: [("model", model)]).check()
        let deployment = try Deployment(text, options: options)
        let profile = try deployment.measureSteps(ProfilePlan.full) { sample in
            Console.error(ProfileTable.line(sample))
        }
        try file.write(profile)
        Console.out(try ProfileTable.text(profile) + "stored in \(file.path)")
    }
}
