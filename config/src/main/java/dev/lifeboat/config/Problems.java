package dev.lifeboat.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.yaml.snakeyaml.nodes.Node;

/** Collects what is wrong with one file, so that a person corrects it once. Never holds the value of a secret. */
final class Problems {

    private record Problem(int line, String sentence, boolean later) {}

    private final String file;
    private static final int MOST_SHOWN = 20;

    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Node where, String sentence) {
        found.add(new Problem(lineOf(where), sentence, false));
    }

    /** Something that a later version will understand. */
    void addLater(Node where, String what) {
        addLater(where, what, "leave it out");
    }

    void addLater(Node where, String what, String instead) {
        found.add(new Problem(lineOf(where), "'" + what + "' is not part of this version yet; " + instead, true));
    }

    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        List<String> lines = found.stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .map(problem -> "line " + problem.line() + ": " + problem.sentence())
                .distinct()
                .toList();
        String code = found.stream().allMatch(Problem::later) ? ConfigException.NOT_AVAILABLE_YET : ConfigException.BAD;
        if (lines.size() == 1) {
            throw new ConfigException(
                    code,
                    "cannot use " + file + ": " + lines.get(0),
                    "correct this line of " + file + " and try again");
        }
        String shown = String.join("; ", lines.subList(0, Math.min(MOST_SHOWN, lines.size())))
                + (lines.size() > MOST_SHOWN ? "; and " + (lines.size() - MOST_SHOWN) + " more" : "");
        throw new ConfigException(
                code,
                "cannot use " + file + ": it has " + lines.size() + " problems: " + shown,
                "correct these lines of " + file + " and try again");
    }

    private static int lineOf(Node node) {
        return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
    }
}
