package dev.lifeboat.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The tool itself: what can be said before and after every command. */
@Command(
        name = "lifeboat",
        description = "Disaster recovery that survives disasters.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Programs beside the tool: 'lifeboat demo', 'lifeboat lab up|status|down', 'lifeboat worker'.",
            "Exit codes: 0 done, 1 failed, 2 wrong use, 3 not verified, 4 RTO or RPO missed, 5 declined or aborted,",
            "6 still running, 7 target held by another run, 8 not ready, 9 left something behind, 10 Temporal or",
            "worker away."
        })
final class GlobalOptions {

    enum Format {
        TEXT,
        JSON
    }

    @Option(
            names = "--config",
            paramLabel = "F",
            scope = ScopeType.INHERIT,
            description = "Configuration; else ./lifeboat.yaml, else $LIFEBOAT_CONFIG.")
    private @Nullable Path config;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            scope = ScopeType.INHERIT,
            description = "What standard output holds.")
    private @Nullable Format format;

    @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "No colours, also on a terminal.")
    private boolean noColor;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "This text.")
    private boolean help;

    @Nullable String config() {
        return config == null ? null : config.toString();
    }

    boolean json() {
        return format == Format.JSON;
    }

    boolean noColor() {
        return noColor;
    }

    /** Before, or instead of, a successful reading of the command line. */
    void guessFormat(String... arguments) {
        List<String> all = Arrays.asList(arguments);
        for (int i = 0; i < all.size(); i++) {
            String argument = all.get(i).toLowerCase(Locale.ROOT);
            boolean next = i + 1 < all.size() && all.get(i + 1).equalsIgnoreCase("json");
            if (List.of("-ojson", "-o=json", "--output=json").contains(argument)
                    || (List.of("-o", "--output").contains(argument) && next)) {
                format = Format.JSON;
            }
        }
    }
}
