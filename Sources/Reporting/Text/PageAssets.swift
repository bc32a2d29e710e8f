/// The scripts and style sheets of the pages: the files in `Resources`, which the build embeds into the binary.
enum PageAssets {
    static let timelineStyle = text(PackageResources.timeline_css)
    static let reportStyle = text(PackageResources.report_css)
    static let simulationStyle = text(PackageResources.report_css, PackageResources.simulation_css)

    /// All files as one script with one scope, since a page that loads nothing cannot import modules. `timeline.js` is
    /// last because it runs at once; the other files only declare.
    static let timelineScript = text(
        PackageResources.recording_js, PackageResources.stage_walk_js, PackageResources.quantities_js,
        PackageResources.view_js, PackageResources.panels_js, PackageResources.descriptions_js,
        PackageResources.chart_drawing_js, PackageResources.panel_drawing_js, PackageResources.timeline_js)

    /// The files one after the other, without the line break at the end of the last file.
    private static func text(_ files: [UInt8]...) -> String {
        String(decoding: files.joined().dropLast(), as: UTF8.self)
    }
}
