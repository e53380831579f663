package dev.lifeboat.workflows.contract.evidence;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Column;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Kind;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Row;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Section;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A report as Markdown, for tickets and wikis. */
public final class ReportMarkdown {

    private ReportMarkdown() {}

    public static String render(RunReport report) {
        ReportPage page = ReportSections.of(report);
        StringBuilder out = new StringBuilder();
        out.append("# ").append(escape(page.title())).append("\n\n");
        out.append("**").append(escape(page.headline())).append("**\n");
        page.sections().forEach(section -> section(section, out));
        return out.toString();
    }

    private static void section(Section section, StringBuilder out) {
        out.append("\n## ").append(section.title()).append("\n\n");
        int columns = section.rows().get(0).cells().size();
        List<String> headings = section.columns().isEmpty()
                ? java.util.Collections.nCopies(columns, "")
                : section.columns().stream().map(ReportPage.Column::name).toList();
        out.append(line(headings));
        StringBuilder rule = new StringBuilder("|");
        for (int i = 0; i < columns; i++) {
            boolean toTheRight =
                    !section.columns().isEmpty() && section.columns().get(i).toTheRight();
            rule.append(toTheRight ? "---:|" : "---|");
        }
        out.append(rule).append('\n');
        for (Row row : section.rows()) {
            out.append(line(section.columns(), row.cells()));
        }
    }

    private static String line(List<Column> columns, List<String> cells) {
        return IntStream.range(0, cells.size())
                .mapToObj(i -> !columns.isEmpty() && columns.get(i).kind() == Kind.FILES
                        ? links(cells.get(i))
                        : escape(cells.get(i)))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** A relative link shows the file's name without its folder. */
    private static String links(String names) {
        return names.lines()
                .map(name -> "[%s](%s)".formatted(escape(name.substring(name.lastIndexOf('/') + 1)), name))
                .collect(Collectors.joining("<br>"));
    }

    private static String line(List<String> cells) {
        return cells.stream().map(ReportMarkdown::escape).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** What people typed, or a server said, must not become markup. */
    private static String escape(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\\', '`', '*', '_', '[', ']', '|', '#' -> out.append('\\').append(c);
                case '<' -> out.append("&lt;");
                case '&' -> out.append("&amp;");
                case '\n' -> out.append("<br>");
                case '\r' -> out.append("");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
