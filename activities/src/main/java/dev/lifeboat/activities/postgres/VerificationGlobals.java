package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.SettingValues;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What of a cluster's globals a throw-away server needs: its roles, and tablespaces in name only. Nothing of it may lead
 * outside: the folders of the original's tablespaces are those of the live cluster, on this very host.
 */
final class VerificationGlobals {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Pattern TABLESPACE =
            Pattern.compile("(?i)^(CREATE TABLESPACE .+) LOCATION E?'(?:[^'\\\\]|''|\\\\.)*';\\s*$");

    private final ThrowawayServer server;
    private final RecoveryWorkspace workspace;

    VerificationGlobals(ThrowawayServer server, RecoveryWorkspace workspace) {
        this.server = server;
        this.workspace = workspace;
    }

    /** @return what the server refused of it, besides what is there already */
    List<Finding> restore(InputStream stored) throws IOException {
        String sql;
        try (InputStream plain = Zstandard.decompressing(stored)) {
            sql = new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        }
        // It may hold password hashes: in a folder that only the server's user may enter, and no longer than needed.
        Path file = workspace.root().resolve("globals.sql");
        try {
            FileTrees.replace(file, harmless(sql), workspace.user());
            Commands.Result result = Commands.run(
                    workspace.user(),
                    List.of(
                            server.cluster().binary("psql").toString(),
                            "-X",
                            "-q",
                            "-w",
                            "-v",
                            "ON_ERROR_STOP=0",
                            "-h",
                            server.socketFolder().toString(),
                            "-p",
                            Integer.toString(server.port()),
                            "-U",
                            ThrowawayServer.SUPERUSER,
                            "-d",
                            CopySession.ANY_DATABASE,
                            "-o",
                            "/dev/null",
                            "-f",
                            file.toString()),
                    Map.of("PGAPPNAME", "lifeboat"),
                    LIMIT);
            return refused(result.errors());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Tablespaces become folders within the data directory; settings of the original's server stay its own. */
    static String harmless(String globals) {
        return globals.lines().map(VerificationGlobals::line).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(String line) {
        String upper = line.stripLeading().toUpperCase(java.util.Locale.ROOT);
        if (upper.startsWith("CREATE TABLESPACE")) {
            var matcher = TABLESPACE.matcher(line);
            return matcher.matches() ? matcher.group(1) + " LOCATION '';" : "-- left out: a tablespace";
        }
        boolean leadsOutside = upper.startsWith("ALTER SYSTEM") || upper.startsWith("\\!") || upper.startsWith("\\O");
        return leadsOutside ? "-- left out" : line;
    }

    static List<Finding> refused(String errors) {
        List<String> refused = errors.lines()
                .filter(line -> line.contains("ERROR:"))
                .filter(line -> !line.contains("already exists"))
                .map(line -> line.substring(line.indexOf("ERROR:") + 6).strip())
                .distinct()
                .toList();
        if (refused.isEmpty()) {
            return List.of();
        }
        return List.of(new Finding(
                "medium",
                "the throw-away server refused %s of the cluster's roles and settings, the first: %s"
                        .formatted(
                                ReportWords.count(refused.size(), "statement", "statements"),
                                SettingValues.hide(refused.get(0))),
                "the log of the step has them all"));
    }
}
