package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a running server over its local socket, as its own operating-system user: the only way into a closed one. */
record LocalPsql(LiveContext context, String socketFolder, String port) {

    /** Fourth and fifth line of {@code postmaster.pid}: port and first socket folder. Empty when there is no socket. */
    static Optional<LocalPsql> of(LiveContext context, Path dataDirectory) {
        try {
            List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"), StandardCharsets.UTF_8);
            if (lines.size() < 5 || lines.get(4).isBlank()) {
                return Optional.empty();
            }
            return Optional.of(
                    new LocalPsql(context, lines.get(4).strip(), lines.get(3).strip()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * What the statement returned, as psql prints it bare. In the database {@code postgres}; where that is gone, in
     * {@code template1}.
     */
    Commands.Result ask(String sql) {
        Commands.Result result = askIn("postgres", sql);
        return result.errors().contains("database \"postgres\" does not exist") ? askIn("template1", sql) : result;
    }

    private Commands.Result askIn(String database, String sql) {
        List<String> command = List.of(
                context.binary("psql"),
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1",
                "-w",
                "-h",
                socketFolder,
                "-p",
                port,
                "-U",
                context.cluster().user(),
                "-d",
                database,
                "-c",
                sql);
        return Commands.run(
                context.user(),
                command,
                Map.of("PGCONNECT_TIMEOUT", "5", "PGAPPNAME", "lifeboat"),
                Duration.ofSeconds(20));
    }
}
