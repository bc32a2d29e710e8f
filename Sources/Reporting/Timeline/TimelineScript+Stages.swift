import Platform

extension TimelinePage {
    /// The Gantt chart.
    static let stageScript = #"""
        // Spans of fewer than three pixels on average are merged.
        const isMerged = (stage) => visibleSpans(stage, view.from, view.to) > plotWidth() / 3;

        const drawStage = (stage, s) => {
            const y = rowTop(s), width = plotWidth();
            ctx.fillStyle = colours.panel;
            ctx.fillRect(layout.left, y, width, rowHeight);
            ctx.save();
            ctx.beginPath();
            ctx.rect(layout.left, y, width, rowHeight);
            ctx.clip();
            if (isMerged(stage)) drawShares(stage, y); else drawSpans(stage, y);
            ctx.restore();
            label("stage " + s, layout.left - 10, y + rowHeight / 2, colours.ink, "right", rowHeight < 20 ? 11 : 12);
        };

        const drawSpans = (stage, y) => {
            const inset = rowHeight >= 20 ? 1 : 0;
            visitAll(stage, view.from, view.to, (kind, begin, end, span) => {
                // Whole pixels, since a blended edge would look like another colour; at least one for what is busy.
                const left = Math.round(Math.max(xAt(begin), layout.left - 2));
                const right = Math.round(Math.min(xAt(end), layout.width + 2));
                const width = Math.max(right - left, span === undefined ? 0 : 1);
                ctx.fillStyle = colours.kinds[kind];
                if (span === undefined) {
                    ctx.fillRect(left, y, width, rowHeight);
                    return;
                }
                // A hair between neighbours of the same phase, where it cannot be taken for idle time.
                const hair = width > 7 ? 1 : 0;
                ctx.fillRect(left, y + inset, width - hair, rowHeight - 2 * inset);
                if (width < 30 || rowHeight < 20) return;
                const text = String(batches.id[stage.batch[span]]);
                if (width > text.length * 7 + 8) {
                    label(text, left + width / 2, y + rowHeight / 2, colours.inks[kind], "center", 11);
                }
            });
        };

        // One column a pixel, divided from the bottom by the shares of the phases, then of the causes.
        const drawShares = (stage, y) => {
            const pixels = Math.round(plotWidth());
            const cells = shares(stage, view.from, view.to, pixels);
            for (let kind = 0; kind < kinds.length; kind++) {
                ctx.fillStyle = colours.kinds[kind];
                for (let p = 0; p < pixels; p++) {
                    const cell = p * kinds.length;
                    const share = cells[cell + kind];
                    if (share < 0.002) continue;
                    let below = 0;
                    for (let k = 0; k < kind; k++) below += cells[cell + k];
                    const top = y + rowHeight * (1 - Math.min(1, below + share));
                    ctx.fillRect(layout.left + p, top, 1, rowHeight * share);
                }
            }
        };
        """#
}
