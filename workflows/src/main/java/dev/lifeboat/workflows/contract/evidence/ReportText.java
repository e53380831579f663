package dev.lifeboat.workflows.contract.evidence;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Column;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Row;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Section;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for a terminal of 100 columns. */
public final class ReportText {

    private static final int WIDTH = 100;
    private static final String INDENT = "  ";
    private static final String GAP = "  ";

    private final boolean colour;
    private final StringBuilder out = new StringBuilder();

    private ReportText(boolean colour) {
        this.colour = colour;
    }

    /**
     * The whole report, with a newline at its end.
     *
     * @param colour with ANSI colours; without them it says the same
     */
    public static String render(RunReport report, boolean colour) {
        ReportText text = new ReportText(colour);
        text.page(ReportSections.of(report));
        return text.out.toString();
    }

    private void page(ReportPage page) {
        TextLayout.wrap(page.title(), WIDTH).forEach(line -> line(paint(line, "1")));
        TextLayout.wrap(page.headline(), WIDTH).forEach(line -> line(paint(line, "1;" + code(page.tone()))));
        page.sections().stream().map(Section::withoutFiles).forEach(this::section);
    }

    private void section(Section section) {
        line("");
        line(paint(section.title().toUpperCase(Locale.ROOT), "1"));
        List<List<String>> cells = new ArrayList<>();
        if (!section.columns().isEmpty()) {
            cells.add(section.columns().stream().map(Column::name).toList());
        }
        section.rows().forEach(row -> cells.add(row.cells()));
        int[] widths = TextLayout.widths(cells, WIDTH - INDENT.length(), GAP.length());
        if (!section.columns().isEmpty()) {
            row(section, cells.get(0), widths, "2", "2");
        }
        for (Row row : section.rows()) {
            row(section, row.cells(), widths, code(row.tone()), "");
        }
    }

    private void row(Section section, List<String> cells, int[] widths, String firstCode, String otherCode) {
        List<List<String>> wrapped = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            wrapped.add(TextLayout.wrap(cells.get(i), widths[i]));
        }
        int height = wrapped.stream().mapToInt(List::size).max().orElse(0);
        for (int l = 0; l < height; l++) {
            StringBuilder line = new StringBuilder(INDENT);
            for (int i = 0; i < cells.size(); i++) {
                String text = l < wrapped.get(i).size() ? wrapped.get(i).get(l) : "";
                boolean toTheRight =
                        !section.columns().isEmpty() && section.columns().get(i).toTheRight();
                String padding = " ".repeat(Math.max(0, widths[i] - text.length()));
                String painted = paint(text, i == 0 ? firstCode : otherCode);
                line.append(i == 0 ? "" : GAP).append(toTheRight ? padding + painted : painted + padding);
            }
            line(line.toString().stripTrailing());
        }
    }

    private String paint(String text, String code) {
        return colour && !code.isEmpty() && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    private static String code(Tone tone) {
        return switch (tone) {
            case GOOD -> "32";
            case WARN -> "33";
            case BAD -> "31";
            case PLAIN -> "";
        };
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
