package dev.lifeboat.worker;

import dev.lifeboat.config.ConfigException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was typed after {@code lifeboat worker}.
 *
 * @param config   null when not given
 * @param clusters those to serve in the postgres role; empty for all of the configuration
 */
record WorkerArguments(boolean help, @Nullable String config, Set<Role> roles, List<String> clusters) {

    static final String USAGE =
            """
            Usage: lifeboat worker [--config F] [--role runbooks,platform,postgres] [--cluster NAME]

            Runs one worker process, until it is ended with Ctrl-C or SIGTERM.

              --config F       the configuration (default: ./lifeboat.yaml, then $LIFEBOAT_CONFIG)
              --role R,...     what to serve (default: all three)
                                 runbooks   the workflows; needs no credential
                                 platform   leases and evidence in the bucket
                                 postgres   one data directory, on the host where it is
              --cluster C,...  the clusters of the postgres role (default: all of the configuration)
              --help           this text
            """;

    private static final String HINT = "'lifeboat worker --help' shows what it takes";

    /** Which queue's work a process does. */
    enum Role {
        RUNBOOKS,
        PLATFORM,
        POSTGRES;

        static Role parse(String name) {
            for (Role role : values()) {
                if (role.name().equals(name.toUpperCase(Locale.ROOT))) {
                    return role;
                }
            }
            throw new ConfigException(
                    "there is no role '" + name + "'; the roles are runbooks, platform and postgres", HINT);
        }
    }

    /** @throws ConfigException for anything it does not know */
    static WorkerArguments parse(String... typed) {
        boolean help = false;
        String config = null;
        Set<Role> roles = EnumSet.noneOf(Role.class);
        List<String> clusters = new ArrayList<>();
        List<String> left = split(typed);
        for (int i = 0; i < left.size(); i++) {
            String option = left.get(i);
            switch (option) {
                case "--help", "-h" -> help = true;
                case "--config" -> config = value(left, ++i, option);
                case "--role" ->
                    roles.addAll(list(value(left, ++i, option)).stream()
                            .map(Role::parse)
                            .collect(Collectors.toSet()));
                case "--cluster" -> clusters.addAll(list(value(left, ++i, option)));
                default -> throw new ConfigException("the worker does not know '" + option + "'", HINT);
            }
        }
        return new WorkerArguments(
                help, config, roles.isEmpty() ? EnumSet.allOf(Role.class) : roles, List.copyOf(clusters));
    }

    boolean has(Role role) {
        return roles.contains(role);
    }

    private static List<String> split(String... typed) {
        List<String> words = new ArrayList<>();
        for (String word : typed) {
            int equals = word.indexOf('=');
            if (word.startsWith("--") && equals > 0) {
                words.add(word.substring(0, equals));
                words.add(word.substring(equals + 1));
            } else {
                words.add(word);
            }
        }
        return words;
    }

    private static String value(List<String> words, int index, String option) {
        if (index >= words.size() || words.get(index).isBlank()) {
            throw new ConfigException(option + " was given without a value", HINT);
        }
        return words.get(index);
    }

    private static List<String> list(String value) {
        return Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
