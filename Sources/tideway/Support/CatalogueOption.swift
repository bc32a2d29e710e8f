import ArgumentParser

/// The flag that adds to the catalogue of devices, links, models and curves.
struct CatalogueOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Devices, links, models and curves to add to those that are built in; the form is in docs/SIMULATION.md.",
            valueName: "file"))
    var catalogue: String?
}
