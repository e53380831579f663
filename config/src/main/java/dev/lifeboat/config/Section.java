package dev.lifeboat.config;

import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of the file. Whatever is asked of it, it answers: what is wrong goes to {@link Problems}, and the answer is
 * then a placeholder that nobody will see.
 */
final class Section {

    private static final Pattern HARMFUL = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]|://");
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final Pattern SECRET = Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]*|file:.+");
    private static final Pattern LATER_SECRET = Pattern.compile("k8s:[a-z0-9][a-z0-9.-]*/[A-Za-z0-9._-]+");

    private final String path;
    private final Node node;
    private final Path base;
    private final Problems problems;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Node> keys = new LinkedHashMap<>();

    Section(String path, MappingNode mapping, Path base, Problems problems) {
        this.path = path;
        this.node = mapping;
        this.base = base;
        this.problems = problems;
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(tuple.getKeyNode(), "a key" + in() + " is not a word");
                continue;
            }
            if (values.put(key.getValue(), tuple.getValueNode()) != null) {
                problems.add(key, "'" + name(key.getValue()) + "' is given twice");
            }
            keys.put(key.getValue(), key);
        }
    }

    /** Every other key is refused; {@code later} are those that a later version will understand. */
    Section allows(List<String> known, List<String> later) {
        for (Map.Entry<String, Node> entry : keys.entrySet()) {
            String key = entry.getKey();
            if (later.contains(key)) {
                problems.addLater(entry.getValue(), name(key));
            } else if (!known.contains(key)) {
                problems.add(entry.getValue(), unknown(key, known));
            }
        }
        return this;
    }

    private String unknown(String key, List<String> known) {
        String nearest = Nearest.to(key, known).orElse("");
        String sentence =
                "unknown key '" + shortened(key) + "'" + in() + "; the nearest known one is '" + nearest + "'";
        return Nearest.isClose(key, nearest)
                ? sentence
                : sentence + " (all of them: " + String.join(", ", new TreeSet<>(known)) + ")";
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Node where(String key) {
        return keys.getOrDefault(key, node);
    }

    void problem(String key, String sentence) {
        problems.add(where(key), "'" + name(key) + "' " + sentence);
    }

    String required(String key) {
        if (!has(key)) {
            problems.add(node, "'" + name(key) + "' is missing");
            return "";
        }
        return text(key, "");
    }

    String text(String key, String otherwise) {
        String found = optional(key);
        return found == null ? otherwise : found;
    }

    @Nullable String optional(String key) {
        Node value = values.get(key);
        return value == null ? null : scalar(key, value, false);
    }

    /** As written, also where YAML would read a truth value or a number. */
    @Nullable String literal(String key) {
        Node value = values.get(key);
        return value == null ? null : scalar(key, value, true);
    }

    private String scalar(String key, Node value, boolean anyTag) {
        if (!(value instanceof ScalarNode scalar)) {
            problem(key, "must be one value, not a " + kind(value));
            return "";
        }
        if (Tag.NULL.equals(scalar.getTag()) || scalar.getValue().isBlank()) {
            problem(key, "has no value");
            return "";
        }
        if (!anyTag && Tag.BOOL.equals(scalar.getTag())) {
            problem(key, "must be text; YAML reads this value as true or false, so put it in quotes");
            return "";
        }
        return scalar.getValue();
    }

    @Nullable Integer port(String key) {
        Long number = number(key);
        if (number == null) {
            return null;
        }
        if (number < 1 || number > 65535) {
            problem(key, "must be a port between 1 and 65535, not " + number);
        }
        return number.intValue();
    }

    @Nullable Long number(String key) {
        String text = optional(key);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            problem(key, "must be a whole number, not '" + shortened(text) + "'");
            return null;
        }
    }

    boolean flag(String key, boolean otherwise) {
        Node value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof ScalarNode scalar) || !List.of("true", "false").contains(scalar.getValue())) {
            problem(key, "must be true or false");
            return otherwise;
        }
        return Boolean.parseBoolean(scalar.getValue());
    }

    /** ISO-8601; {@code 0} is allowed too. */
    Duration duration(String key, Duration otherwise) {
        String text = optional(key);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            Duration duration = text.equals("0") ? Duration.ZERO : Duration.parse(text);
            if (duration.compareTo(LONGEST) > 0) {
                problem(key, "must not be longer than P36500D, not '" + shortened(text) + "'");
                return otherwise;
            }
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        problem(key, "must be a duration such as PT1H, PT90S or P30D, not '" + shortened(text) + "'");
        return otherwise;
    }

    /** Never repeats what stands there. */
    @Nullable SecretRef secret(String key) {
        Node value = values.get(key);
        if (value == null) {
            return null;
        }
        if (value instanceof ScalarNode scalar
                && SECRET.matcher(scalar.getValue()).matches()) {
            return new SecretRef(scalar.getValue(), base);
        }
        if (value instanceof ScalarNode scalar
                && LATER_SECRET.matcher(scalar.getValue()).matches()) {
            problems.addLater(where(key), name(key) + ": k8s:...", "write env:NAME or file:PATH");
            return null;
        }
        problem(key, "holds a plain value where a reference to a secret belongs: write env:NAME or file:PATH");
        return null;
    }

    @Nullable Path file(String key) {
        String text = optional(key);
        return text == null ? null : resolved(key, text);
    }

    Path requiredFile(String key) {
        return resolved(key, required(key));
    }

    private Path resolved(String key, String text) {
        try {
            return base.resolve(text).normalize();
        } catch (java.nio.file.InvalidPathException e) {
            problem(key, "is not a path");
            return base;
        }
    }

    Optional<Section> section(String key) {
        Node value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof MappingNode mapping) {
            return Optional.of(new Section(name(key), mapping, base, problems));
        }
        problem(key, "must hold keys of its own, not a " + kind(value));
        return Optional.empty();
    }

    /** Its members, by the names that the owner gave them. */
    Map<String, Section> members() {
        Map<String, Section> members = new LinkedHashMap<>();
        for (String key : values.keySet()) {
            section(key).ifPresent(member -> members.put(key, member));
        }
        return members;
    }

    /** Everything that stands here, as written. */
    Map<String, String> literals() {
        Map<String, String> literals = new LinkedHashMap<>();
        values.forEach((key, value) -> literals.put(key, scalar(key, value, true)));
        return literals;
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Node item : items(key)) {
            texts.add(scalar(key, item, false));
        }
        return List.copyOf(texts);
    }

    /** Paths, as {@link #file} reads one. */
    List<Path> files(String key) {
        return texts(key).stream().map(text -> resolved(key, text)).toList();
    }

    /** A single value stands for a list of one. */
    List<String> textOrTexts(String key) {
        return values.get(key) instanceof ScalarNode ? List.of(text(key, "")) : texts(key);
    }

    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        for (Node item : items(key)) {
            if (item instanceof MappingNode mapping) {
                sections.add(new Section(name(key) + "[" + sections.size() + "]", mapping, base, problems));
            } else {
                problem(key, "must be a list of entries with keys of their own");
            }
        }
        return sections;
    }

    private List<Node> items(String key) {
        Node value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        problem(key, "must be a list");
        return List.of();
    }

    private String name(String key) {
        return path.isEmpty() ? shortened(key) : path + "." + shortened(key);
    }

    private String in() {
        return path.isEmpty() ? "" : " in " + path;
    }

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "group of keys";
        }
        return node instanceof SequenceNode ? "list" : "single value";
    }

    /**
     * As much of what stands in the file as may be repeated on a terminal and in a log: no end of it, nothing that moves a
     * cursor, and of what looks like an address nothing behind the scheme, since a password may follow.
     */
    static String shortened(String text) {
        String harmless = HARMFUL.split(text, 2)[0];
        String shown = harmless.length() <= 60 ? harmless : harmless.substring(0, 57);
        return shown.length() == text.length() ? text : shown + "...";
    }
}
