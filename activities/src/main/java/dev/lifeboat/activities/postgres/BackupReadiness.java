package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Whether a base backup of a server can be taken and its WAL be archived. */
final class BackupReadiness {

    private static final String IN_PLACE = "tablespaces inside the data directory";
    private static final int COPIES_THEM = 16;
    private static final String REPLICATION = "right to replicate";
    private static final String STANDBY = "in recovery";
    private static final String VERSION = "version of pg_basebackup";
    private static final String SENDERS = "max_wal_senders";

    private BackupReadiness() {}

    static List<Check> check(ServerFacts server, ClusterAccess access) {
        List<Check> checks = new ArrayList<>();
        int major = server.version() / 10_000;
        checks.add(Check.of(
                VERSION,
                Integer.toString(major),
                server.clientVersion(),
                server.clientVersion().contains(" " + major)));
        checks.add(Check.of(STANDBY, "no", server.inRecovery() ? "yes" : "no", !server.inRecovery()));
        checks.add(Check.of(REPLICATION, "yes", server.mayReplicate() ? "yes" : "no", server.mayReplicate()));
        int senders = server.settings().getOrDefault(SENDERS, 0);
        checks.add(Check.of(SENDERS, "at least 1", Integer.toString(senders), senders > 0));
        String level = server.text().getOrDefault("wal_level", "");
        checks.add(Check.of("wal_level", "replica or logical", level, !level.equals("minimal")));
        String mode = server.text().getOrDefault("archive_mode", "");
        checks.add(Check.of("archive_mode", "on", mode, !mode.equals("off")));
        String command = server.text().getOrDefault("archive_command", "");
        boolean ours = command.contains(access.folder().shims().toString());
        checks.add(Check.of("archive_command", "Lifeboat's shim", command.isEmpty() ? "empty" : command, ours));
        String inPlace = server.tablespaces().stream()
                .filter(Tablespace::liesInDataDirectory)
                .map(Tablespace::name)
                .collect(Collectors.joining(", "));
        if (!inPlace.isEmpty()) {
            checks.add(Check.of(
                    IN_PLACE,
                    "copied by PostgreSQL, as from version %d on".formatted(COPIES_THEM),
                    "%s, in version %d".formatted(inPlace, major),
                    major >= COPIES_THEM));
        }
        return List.copyOf(checks);
    }

    static String hint(Check failed, String cluster) {
        return switch (failed.name()) {
            case IN_PLACE ->
                "pg_basebackup of this version leaves them out and says nothing: move what is in them to pg_default, or to"
                        + " a tablespace with a location of its own";
            case REPLICATION -> "give the user of lifeboat.yaml the attribute REPLICATION, or name another one";
            case STANDBY -> "name the primary in lifeboat.yaml";
            case VERSION -> "make bin-directory in lifeboat.yaml name the programs of the server's version";
            case SENDERS -> "set max_wal_senders to 10 and restart the server";
            default -> "run 'lifeboat setup postgres " + cluster + " --apply', and restart the server where it says so";
        };
    }
}
