package dev.lifeboat.workflows.contract.evidence;

import java.util.List;

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
    record Section(String title, List<Column> columns, List<Row> rows) {}

    /** @param toTheRight as numbers are aligned */
    record Column(String name, boolean toTheRight) {}

    /** @param tone of the first cell */
    record Row(Tone tone, List<String> cells) {}
}
