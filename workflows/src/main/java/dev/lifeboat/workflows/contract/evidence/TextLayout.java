package dev.lifeboat.workflows.contract.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Tables that fit: columns as wide as they need, and the widest ones narrower when there is too little room. */
final class TextLayout {

    private static final int NARROWEST = 12;

    private TextLayout() {}

    /**
     * The width of each column so that all of them, with the gaps between, are at most {@code room} wide. Columns give way
     * at their spaces first: a path in one piece can be copied.
     */
    static int[] widths(List<List<String>> rows, int room, int gap) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        int[] words = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], longest(row.get(i), "\\R"));
                words[i] = Math.max(words[i], Math.max(NARROWEST, longest(row.get(i), "\\s+")));
            }
        }
        int available = room - gap * Math.max(0, columns - 1);
        shrink(widths, words, available);
        Arrays.fill(words, NARROWEST);
        shrink(widths, words, available);
        return widths;
    }

    private static void shrink(int[] widths, int[] least, int available) {
        while (Arrays.stream(widths).sum() > available) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                if (widths[i] > least[i] && (widest < 0 || widths[i] >= widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private static int longest(String text, String separator) {
        return Stream.of(text.split(separator)).mapToInt(String::length).max().orElse(0);
    }

    /** Breaks at spaces; a word that is longer than a line, such as a path, is cut so that no character is lost. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        for (String paragraph : text.split("\\R", -1)) {
            String rest = paragraph.stripTrailing();
            while (rest.length() > width && width > 0) {
                int space = rest.lastIndexOf(' ', width);
                boolean atSpace = space > 0 && !rest.substring(0, space).isBlank();
                lines.add(rest.substring(0, atSpace ? space : width));
                rest = rest.substring(atSpace ? space + 1 : width).stripLeading();
            }
            lines.add(rest);
        }
        return lines;
    }
}
