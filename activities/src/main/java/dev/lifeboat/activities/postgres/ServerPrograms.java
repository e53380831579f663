package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folders with a server's programs that this host has, by major version: the configured one, and those that packages
 * put beside it, {@code /usr/lib/postgresql/15/bin} or {@code /usr/pgsql-15/bin}.
 */
final class ServerPrograms {

    private static final List<String> NEEDED = List.of("postgres", "initdb", "pg_ctl", "pg_restore", "psql");
    private static final Pattern VERSION = Pattern.compile("\\D*(\\d+).*", Pattern.DOTALL);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private ServerPrograms() {}

    static Map<Integer, String> on(Path configured, ServerUser user) {
        List<Path> candidates = new ArrayList<>(beside(configured));
        // Last, so that of two folders with one version it is the configured one that stays.
        candidates.add(configured);
        Map<Integer, String> found = new TreeMap<>();
        for (Path folder : candidates) {
            majorVersion(folder, user).ifPresent(version -> found.put(version, folder.toString()));
        }
        return found;
    }

    /** Empty where one of the programs that are needed is missing. */
    static OptionalInt majorVersion(Path folder, ServerUser user) {
        if (!NEEDED.stream().allMatch(name -> Files.isExecutable(folder.resolve(name)))) {
            return OptionalInt.empty();
        }
        try {
            Matcher said = VERSION.matcher(Commands.require(
                    user, List.of(folder.resolve("postgres").toString(), "--version"), Map.of(), LIMIT));
            return said.matches() ? OptionalInt.of(Integer.parseInt(said.group(1))) : OptionalInt.empty();
        } catch (RecoveryFailure e) {
            return OptionalInt.empty();
        }
    }

    private static List<Path> beside(Path configured) {
        Path versioned = configured.getParent();
        Path all = versioned == null ? null : versioned.getParent();
        if (versioned == null
                || all == null
                || !versioned.getFileName().toString().matches("(pgsql-)?\\d+")) {
            return List.of();
        }
        String kind = versioned.getFileName().toString().replaceFirst("\\d+$", "");
        try (Stream<Path> folders = Files.list(all)) {
            return folders.filter(folder -> folder.getFileName().toString().matches(Pattern.quote(kind) + "\\d+"))
                    .map(folder -> folder.resolve(configured.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
