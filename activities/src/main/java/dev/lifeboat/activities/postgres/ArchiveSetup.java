package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Shows and makes the settings for WAL archiving: with {@code ALTER SYSTEM} while the server runs, in the same file,
 * {@code postgresql.auto.conf}, while it does not. Also makes the table that the marker writer needs.
 */
final class ArchiveSetup {

    private static final List<String> NAMES =
            List.of("wal_level", "archive_mode", "archive_command", "archive_library", "archive_timeout");
    private static final String MARKER =
            """
            create schema if not exists lifeboat;
            create table if not exists lifeboat.marker (only_row boolean primary key default true check (only_row),
                at timestamptz not null);
            insert into lifeboat.marker (at) values (clock_timestamp()) on conflict do nothing;
            """;

    private final ClusterAccess access;
    private final ArchiveNotes notes;

    ArchiveSetup(ClusterAccess access) {
        this.access = access;
        this.notes = new ArchiveNotes(access.folder(), access.user());
    }

    Setup run(boolean apply) {
        try {
            if (apply) {
                notes.install();
            }
            return isRunning() ? online(apply) : offline(apply);
        } catch (IOException e) {
            throw FileTrees.failed("set up archiving of " + access.cluster().name(), e);
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    /** The settings to change, given those that are: never fewer guarantees than there were. */
    static Map<String, String> wanted(Map<String, String> current, String command) {
        Map<String, String> changes = new LinkedHashMap<>();
        if (current.getOrDefault("wal_level", "").equals("minimal")) {
            changes.put("wal_level", "replica");
        }
        if (current.getOrDefault("archive_mode", "").equals("off")) {
            changes.put("archive_mode", "on");
        }
        if (!current.getOrDefault("archive_command", "").equals(command)) {
            changes.put("archive_command", command);
        }
        if (!current.getOrDefault("archive_library", "").isEmpty()) {
            changes.put("archive_library", "");
        }
        String timeout = current.getOrDefault("archive_timeout", "0");
        long seconds = timeout.matches("\\d+s?") ? Long.parseLong(timeout.replace("s", "")) : Long.MAX_VALUE;
        if (seconds == 0 || seconds > 60 && !timeout.equals("1min")) {
            changes.put("archive_timeout", "60s");
        }
        return changes;
    }

    private Setup online(boolean apply) throws SQLException {
        try (Connection connection = access.connect();
                Statement statement = connection.createStatement()) {
            Map<String, String> running = settings(statement, "select name, setting from pg_settings");
            // What the files say already comes into force with a reload or a restart; the last entry wins.
            Map<String, String> current = new LinkedHashMap<>(running);
            current.putAll(settings(statement, "select name, setting from pg_file_settings"));
            Map<String, String> changes = wanted(current, notes.command());
            List<String> lines = lines(current, changes, apply);
            boolean marker = hasMarker(statement);
            if (!marker) {
                lines.add("schema lifeboat with the marker table: " + (apply ? "made" : "missing, to be made"));
            }
            if (apply) {
                for (Map.Entry<String, String> change : changes.entrySet()) {
                    statement.execute("alter system set %s = '%s'"
                            .formatted(change.getKey(), change.getValue().replace("'", "''")));
                }
                statement.execute("select pg_reload_conf()");
                if (!marker) {
                    statement.execute(MARKER);
                }
            }
            return setup(changes, lines, apply, marker, needsRestart(running, current, changes));
        }
    }

    private Setup offline(boolean apply) throws IOException {
        Path directory = access.cluster().dataDirectory();
        if (!Files.exists(directory.resolve("PG_VERSION"))) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "cannot set up %s: %s is not a data directory"
                            .formatted(access.cluster().name(), directory),
                    "check data-directory in lifeboat.yaml");
        }
        Map<String, String> current = new LinkedHashMap<>();
        for (String name :
                List.of("wal_level", "archive_mode", "archive_command", "archive_library", "archive_timeout")) {
            current.put(name, configured(name));
        }
        Map<String, String> changes = wanted(current, notes.command());
        List<String> lines = lines(current, changes, apply);
        lines.add("the server is not running: the marker table is made when this is called while it runs");
        if (apply && !changes.isEmpty()) {
            Path file = directory.resolve("postgresql.auto.conf");
            FileTrees.replace(file, edited(Files.exists(file) ? Files.readString(file) : "", changes), access.user());
        }
        return new Setup(apply && !changes.isEmpty(), false, List.copyOf(lines));
    }

    /** The text of {@code postgresql.auto.conf} with these settings, each once, as {@code ALTER SYSTEM} leaves it. */
    static String edited(String text, Map<String, String> changes) {
        StringBuilder edited = new StringBuilder();
        for (String line : text.split("\n")) {
            String name = line.split("=", 2)[0].strip();
            if (!line.isEmpty() && !changes.containsKey(name)) {
                edited.append(line).append('\n');
            }
        }
        changes.forEach((name, value) -> edited.append(name)
                .append(" = '")
                .append(value.replace("\\", "\\\\").replace("'", "''"))
                .append("'\n"));
        return edited.toString();
    }

    private String configured(String name) {
        List<String> command = access.program(
                "postgres", "-C", name, "-D", access.cluster().dataDirectory().toString());
        Path configFile = access.cluster().configFile();
        if (configFile != null) {
            command.addAll(List.of("-c", "config_file=" + configFile));
        }
        return Commands.require(access.user(), command, Map.of(), Duration.ofSeconds(20))
                .strip();
    }

    private boolean isRunning() throws IOException {
        Path pidFile = access.cluster().dataDirectory().resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return false;
        }
        String first = Files.readString(pidFile).lines().findFirst().orElse("").strip();
        return first.matches("\\d+")
                && ProcessHandle.of(Long.parseLong(first))
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
    }

    private static boolean hasMarker(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("select to_regclass('lifeboat.marker') is not null")) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static List<String> lines(Map<String, String> current, Map<String, String> changes, boolean apply) {
        List<String> lines = new ArrayList<>();
        current.forEach((name, value) -> {
            String change = changes.get(name);
            lines.add(
                    change == null
                            ? "%s = '%s': as wanted".formatted(name, value)
                            : "%s = '%s': %s '%s'".formatted(name, value, apply ? "changed to" : "should be", change));
        });
        return lines;
    }

    private static boolean needsRestart(
            Map<String, String> running, Map<String, String> current, Map<String, String> changes) {
        return Stream.of("archive_mode", "wal_level")
                .anyMatch(name -> changes.containsKey(name) || !Objects.equals(running.get(name), current.get(name)));
    }

    private static Map<String, String> settings(Statement statement, String select) throws SQLException {
        String names = NAMES.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        Map<String, String> settings = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery(select + " where name in (" + names + ")")) {
            while (rows.next()) {
                settings.put(rows.getString(1), Objects.requireNonNullElse(rows.getString(2), ""));
            }
        }
        return settings;
    }

    private static Setup setup(
            Map<String, String> changes, List<String> lines, boolean apply, boolean hadMarker, boolean restart) {
        if (restart) {
            lines.add("restart the server once: archive_mode and wal_level change only then");
        }
        return new Setup(apply && (!changes.isEmpty() || !hadMarker), restart, List.copyOf(lines));
    }
}
