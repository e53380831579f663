package dev.lifeboat.workflows.contract.evidence;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A report laid out for reading: what matters first. Every rendering is made of this one page, so they cannot disagree.
 *
 * @param title    the run
 * @param headline how it went, in a sentence
 */
record ReportPage(String title, String headline, Tone tone, List<Section> sections) {

    enum Tone {
        GOOD,
        WARN,
        BAD,
        PLAIN
    }

    /** @param columns their headings; empty for a list of names and values */
    record Section(String title, List<Column> columns, List<Row> rows) {

        /** For places where nothing can be clicked. */
        Section withoutFiles() {
            List<Integer> kept = IntStream.range(0, columns.size())
                    .filter(i -> columns.get(i).kind() != Kind.FILES)
                    .boxed()
                    .toList();
            if (kept.size() == columns.size()) {
                return this;
            }
            return new Section(
                    title,
                    kept.stream().map(columns::get).toList(),
                    rows.stream()
                            .map(row -> new Row(
                                    row.tone(),
                                    kept.stream().map(row.cells()::get).toList()))
                            .toList());
        }
    }

    /** How the cells of a column are shown. */
    enum Kind {
        TEXT,
        /** To the right, as numbers are aligned. */
        NUMBER,
        /** The names of files beside the report, one on each line; where nothing can be clicked they are left out. */
        FILES
    }

    record Column(String name, Kind kind) {

        boolean toTheRight() {
            return kind == Kind.NUMBER;
        }
    }

    /** @param tone of the first cell */
    record Row(Tone tone, List<String> cells) {}
}
