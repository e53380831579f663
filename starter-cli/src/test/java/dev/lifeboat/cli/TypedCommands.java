package dev.lifeboat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Command lines of the tool as they stand in documents and hints.
 *
 * @param where  file and line
 * @param whole  whether it stands in a block that somebody copies, and not in the middle of a sentence
 * @param words  without the name of the tool
 */
record TypedCommands(String where, boolean whole, List<String> words) {

    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?lifeboat ([^`]+)`");
    private static final Pattern IN_BLOCK = Pattern.compile("\\s*(?:\\$ )?(?:\\./)?lifeboat (.*)");
    private static final Pattern IN_HINT = Pattern.compile("'lifeboat ([^'\"\\\\]+)'");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|'[^']*'|\\S+");

    /** What stands in such quotes and is no command: texts that keys are derived from. */
    private static final Set<String> NO_COMMANDS = Set.of("header 1", "object key 1\\n");

    static List<TypedCommands> inDocument(String file, String markdown) {
        List<TypedCommands> found = new ArrayList<>();
        boolean block = false;
        int number = 0;
        for (String line : markdown.split("\n", -1)) {
            String where = file + ":" + ++number;
            if (line.strip().startsWith("```")) {
                block = !block;
            } else if (block) {
                IN_BLOCK.matcher(line)
                        .results()
                        .limit(line.strip().matches("(\\$ )?(\\./)?lifeboat .*") ? 1 : 0)
                        .forEach(match -> found.addAll(alternatives(where, true, match.group(1))));
            } else {
                inline(line).forEach(text -> found.addAll(alternatives(where, false, text)));
            }
        }
        return found;
    }

    /** Literals that were taken apart are put together first; what is filled in later is a word. */
    static List<TypedCommands> inSource(String file, String java) {
        String joined = java.replaceAll("\"\\s*\\+\\s*\"", "")
                .replaceAll("\"\\s*\\+\\s*[^\";]{1,80}?\\s*\\+\\s*\"", "X")
                .replaceAll("%(?:\\d\\$)?[sd]", "X");
        return IN_HINT.matcher(joined)
                .results()
                .map(match -> match.group(1))
                .filter(text -> !text.startsWith("X"))
                .flatMap(text -> alternatives(file, false, text).stream())
                .toList();
    }

    private static Stream<String> inline(String line) {
        return INLINE.matcher(line).results().map(match -> match.group(1)).filter(text -> !NO_COMMANDS.contains(text));
    }

    /** {@code retry|abort RUN} stands for two. */
    private static List<TypedCommands> alternatives(String where, boolean whole, String text) {
        List<List<String>> all = new ArrayList<>(List.of(List.of()));
        for (String word : words(text)) {
            List<List<String>> longer = new ArrayList<>();
            List<String> choices = word.contains(" ") ? List.of(word) : List.of(word.split("\\|"));
            all.forEach(begun -> choices.forEach(choice ->
                    longer.add(Stream.concat(begun.stream(), Stream.of(choice)).toList())));
            all = longer;
        }
        return all.stream().map(each -> new TypedCommands(where, whole, each)).toList();
    }

    /** As a shell takes a line apart, up to a comment, a pipe or an ampersand. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        for (MatchResult match : WORD.matcher(text).results().toList()) {
            String word = match.group();
            if (word.startsWith("#") || word.equals("|") || word.equals("&&") || word.equals("…")) {
                break;
            }
            String bare = word.replaceAll("^([\"'])(.*)\\1$", "$2");
            words.add(bare.replaceAll("^\\[|\\]$", ""));
        }
        return words;
    }

    /** Those that other programs than the operator's tool read, with what they take. */
    private static final Map<String, Pattern> BESIDE = Map.of(
            "demo", Pattern.compile("demo(?: pitr| dumps)?"),
            "lab", Pattern.compile("lab (?:up|status|down)(?: --dir \\S+| --engine (?:auto|embedded|real))*"),
            "worker", Pattern.compile("worker(?: --help| --config \\S+| --role \\S+| --cluster \\S+)*"));

    boolean isOfTheTool() {
        return !BESIDE.containsKey(words.get(0));
    }

    boolean isTakenBeside() {
        return java.util.Objects.requireNonNull(BESIDE.get(words.get(0)))
                .matcher(String.join(" ", words))
                .matches();
    }

    @Override
    public String toString() {
        return where + ": lifeboat " + String.join(" ", words);
    }
}
