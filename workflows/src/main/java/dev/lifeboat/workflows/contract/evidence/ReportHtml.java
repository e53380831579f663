package dev.lifeboat.workflows.contract.evidence;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Column;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Kind;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Row;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Section;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report as one page that needs nothing else: no script, no font, no network. */
public final class ReportHtml {

    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>%s</title>
            <style>
            :root { color-scheme: light dark; --good: #1a7f37; --warn: #9a6700; --bad: #c61c26; --line: #8884; --soft: #8881; }
            @media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --warn: #d4a72c; --bad: #ff7b72; } }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.2rem; margin: 0; font-weight: 500; overflow-wrap: anywhere; }
            h2 { font-size: 1rem; margin: 2rem 0 .4rem; }
            .headline { font-size: 1.6rem; font-weight: 700; line-height: 1.25; margin: .2rem 0 1rem; }
            .table { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%%; }
            th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem .3rem; border-top: 1px solid var(--line);
              overflow-wrap: break-word; white-space: pre-line; }
            th { font-weight: 500; opacity: .7; font-size: .85rem; border: 0; white-space: nowrap; }
            td:first-child { white-space: nowrap; }
            .right { text-align: right; white-space: nowrap; }
            .files { font-size: .85rem; white-space: pre; }
            a { color: inherit; }
            .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); font-weight: 700; }
            footer { margin-top: 3rem; opacity: .7; font-size: .85rem; }
            @media (max-width: 44rem) {
              tr { display: block; border-top: 1px solid var(--line); padding: .4rem 0; }
              tr:has(> th) { display: none; }
              td { display: block; border: 0; padding: 0 .3rem; overflow-wrap: anywhere; }
              td:nth-child(-n+2) { display: inline-block; }
              td:empty { display: none; }
              .right { text-align: left; }
              .files { white-space: pre-line; }
            }
            @media print {
              body { margin: 0; max-width: none; font-size: 10pt; }
              .table { overflow: visible; }
              td { overflow-wrap: anywhere; }
              td:nth-child(-n+4) { overflow-wrap: normal; }
              h2 { break-after: avoid; }
              tr { break-inside: avoid; }
              tr:has(> th) { break-after: avoid; }
            }
            </style>
            </head>
            <body>
            """;

    private static final String FOOT =
            """
            <footer>Written by Lifeboat from report.json, which lies beside this page; check both with: sha256sum -c SHA256SUMS</footer>
            </body>
            </html>
            """;

    private final StringBuilder out = new StringBuilder();

    private ReportHtml() {}

    public static String render(RunReport report) {
        ReportHtml html = new ReportHtml();
        html.page(ReportSections.of(report));
        return html.out.toString();
    }

    private void page(ReportPage page) {
        out.append(HEAD.formatted(escape(page.title() + ": " + page.headline())));
        out.append("<h1>").append(escape(page.title())).append("</h1>\n");
        out.append("<p class=\"headline %s\">".formatted(style(page.tone())))
                .append(escape(page.headline()))
                .append("</p>\n");
        page.sections().forEach(this::section);
        out.append(FOOT);
    }

    private void section(Section section) {
        out.append("<h2>").append(escape(section.title())).append("</h2>\n<div class=\"table\"><table>\n");
        if (!section.columns().isEmpty()) {
            out.append("<tr>");
            for (Column column : section.columns()) {
                out.append(column.toTheRight() ? "<th class=\"right\">" : "<th>")
                        .append(escape(column.name()))
                        .append("</th>");
            }
            out.append("</tr>\n");
        }
        section.rows().forEach(row -> row(section, row));
        out.append("</table></div>\n");
    }

    private void row(Section section, Row row) {
        out.append("<tr>");
        for (int i = 0; i < row.cells().size(); i++) {
            Kind kind = section.columns().isEmpty()
                    ? Kind.TEXT
                    : section.columns().get(i).kind();
            String style =
                    i == 0 ? style(row.tone()) : kind == Kind.TEXT ? "" : kind == Kind.NUMBER ? "right" : "files";
            out.append(style.isEmpty() ? "<td>" : "<td class=\"" + style + "\">")
                    .append(
                            kind == Kind.FILES
                                    ? links(row.cells().get(i))
                                    : escape(row.cells().get(i)))
                    .append("</td>");
        }
        out.append("</tr>\n");
    }

    /** A relative link shows the number of the call and that of the attempt, as in the file's name. */
    private static String links(String names) {
        return names.lines()
                .map(name -> "<a href=\"%s\">%s</a>".formatted(escape(name), escape(shortName(name))))
                .collect(Collectors.joining("\n"));
    }

    private static String shortName(String name) {
        String bare = name.substring(name.lastIndexOf('/') + 1).replaceFirst("\\.log$", "");
        return bare.contains("-") ? bare.replaceFirst("-.*-", ".") : bare;
    }

    private static String style(ReportPage.Tone tone) {
        return tone == ReportPage.Tone.PLAIN ? "" : tone.name().toLowerCase(Locale.ROOT);
    }

    /** What people typed, or a server said, must not become markup. */
    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
