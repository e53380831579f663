package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The session in which PostgreSQL is in backup mode (documentation, "Making a Base Backup Using the Low Level API"). It
 * ends the mode when it is closed, also by our death, and what was copied until then is no backup.
 */
final class BackupSession implements AutoCloseable {

    private static final String ALLOWED = "select has_function_privilege('pg_backup_start(text, boolean)', 'execute')"
            + " and has_function_privilege('pg_backup_stop(boolean)', 'execute')";

    private final ClusterAccess access;
    private final Connection connection;

    /**
     * @param label backup_label, byte for byte as it has to lie in the backup
     * @param map   tablespace_map; empty for none
     */
    record Ended(Lsn end, String label, String map) {}

    private BackupSession(ClusterAccess access, Connection connection) {
        this.access = access;
        this.connection = connection;
    }

    /**
     * Empty where the files must not be read past the server: the role may not begin a backup, or nothing proves that the
     * server which answers is the one of the data directory.
     */
    static Optional<BackupSession> open(ClusterAccess access) {
        BackupSession session;
        try {
            session = new BackupSession(access, access.connectForLong());
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
        try {
            Optional<String> obstacle = session.obstacle();
            if (obstacle.isEmpty()) {
                return Optional.of(session);
            }
            Transcript.note("the files are not read directly: " + obstacle.get());
            session.close();
            return Optional.empty();
        } catch (SQLException e) {
            session.close();
            throw access.unreachable(e);
        }
    }

    private Optional<String> obstacle() throws SQLException {
        if (!one(ALLOWED).equals("t")) {
            return Optional.of("%s may not execute pg_backup_start and pg_backup_stop"
                    .formatted(access.cluster().user()));
        }
        Path data = access.cluster().dataDirectory();
        if (!Files.isReadable(data.resolve(BaseBackupManifest.CONTROL_FILE))) {
            return Optional.of("this worker may not read " + data);
        }
        long backend = Long.parseLong(one("select pg_backend_pid()"));
        long parent = ProcessHandle.of(backend)
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .orElse(0L);
        return parent == postmaster(data)
                ? Optional.empty()
                : Optional.of("process %d, which answers, is no child of the server of %s".formatted(backend, data));
    }

    private static long postmaster(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            return lines.isEmpty() ? -1 : Long.parseLong(lines.get(0).strip());
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /** Begins with a fast checkpoint, which takes as long as there is to write. Returns where the backup starts. */
    Lsn start(String label) {
        try (PreparedStatement statement =
                connection.prepareStatement("select pg_backup_start(?, fast => true)::text")) {
            Transcript.note("select pg_backup_start('%s', fast => true)".formatted(label));
            statement.setString(1, label);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return Lsn.parse(result.getString(1));
            }
        } catch (SQLException e) {
            throw failed("begin a backup", e);
        }
    }

    /** Does not wait for the archive: that is a step of its own. */
    Ended stop() {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select lsn::text, labelfile, spcmapfile"
                        + " from pg_backup_stop(wait_for_archive => false)")) {
            Transcript.note("select pg_backup_stop(wait_for_archive => false)");
            result.next();
            return new Ended(Lsn.parse(result.getString(1)), text(result.getString(2)), text(result.getString(3)));
        } catch (SQLException e) {
            throw failed("end the backup", e);
        }
    }

    private RecoveryFailure failed(String what, SQLException e) {
        return new RecoveryFailure(
                FailureCode.COMMAND_FAILED,
                "cannot %s of %s: %s".formatted(what, access.cluster().name(), e.getMessage()),
                "it is tried again from the begin; what was copied is no backup",
                e);
    }

    private String one(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return text(result.getString(1));
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server has ended it: so has backup mode.
        }
    }
}
