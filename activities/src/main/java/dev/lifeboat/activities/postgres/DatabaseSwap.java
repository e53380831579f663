package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts a restored database into the place of the live one. Both renames are one transaction: there is no moment at which
 * nobody has the name, whoever is killed when. Each attempt looks first which database has which number.
 */
final class DatabaseSwap {

    private static final Duration KEPT_FOR = Duration.ofDays(7);
    private static final Duration TO_LEAVE = Duration.ofSeconds(30);
    private static final String SESSIONS = "from pg_stat_activity where datname = any (string_to_array(?, chr(31)))"
            + " and pid <> pg_backend_pid() and backend_type <> 'autovacuum worker'";

    private final ClusterAccess access;

    DatabaseSwap(ClusterAccess access) {
        this.access = access;
    }

    StepOutcome in(DumpRestoreOrder order) throws IOException {
        DumpRestorePlan plan = order.plan();
        RestorePlace place = place(plan);
        RestoreNote note = place.note(order).filter(RestoreNote::loaded).orElseThrow(() -> notLoaded(plan));
        access.leases().check(order.fence());
        try (Connection connection = RestoreSession.beside(access, names(plan))) {
            if (isIn(connection, plan, note)) {
                return done(plan, note, List.of());
            }
            requireRestored(connection, plan, note);
            Long live = RestoreDatabases.oid(connection, plan.database());
            if (live != null) {
                note = keep(connection, order, note, live);
                place.write(note);
            }
            List<Finding> findings = RestoreDatabases.carryOver(connection, plan);
            renameIn(connection, order, note, live != null);
            return done(plan, note, findings);
        } catch (SQLException e) {
            throw RestoreSession.failed(access, e);
        }
    }

    StepOutcome back(DumpRestoreOrder order) throws IOException {
        DumpRestorePlan plan = order.plan();
        RestorePlace place = place(plan);
        RestoreNote note = place.note(order).orElse(null);
        if (note == null) {
            return StepOutcome.of("nothing had been swapped", access.workerName());
        }
        access.leases().check(order.fence());
        try (Connection connection = RestoreSession.beside(access, names(plan))) {
            if (isIn(connection, plan, note)) {
                renameBack(connection, plan, note);
            }
            Long now = RestoreDatabases.oid(connection, plan.database());
            if (now != null && now.equals(note.live())) {
                allow(connection, plan.database(), note.liveAllowed());
            }
            if (plan.kept() != null && RestoreDatabases.oid(connection, plan.kept()) == null) {
                KeptDatabase.forget(access, plan.kept());
            }
            return StepOutcome.of(
                    now == null ? "there is no database %s, as before".formatted(plan.database()) : plan.database(),
                    access.workerName());
        } catch (SQLException e) {
            throw RestoreSession.failed(access, e);
        }
    }

    /** Where the live one is shut to others it is opened again whenever the swap does not come about. */
    private void renameIn(Connection connection, DumpRestoreOrder order, RestoreNote note, boolean liveThere)
            throws SQLException {
        DumpRestorePlan plan = order.plan();
        List<String> both = liveThere ? List.of(plan.database(), plan.restored()) : List.of(plan.restored());
        try {
            shutOut(connection, both);
            access.leases().check(order.fence());
            connection.setAutoCommit(false);
            RestoreSession.execute(connection, "set local lock_timeout = '10s'");
            if (liveThere) {
                rename(connection, plan.database(), Objects.requireNonNull(plan.kept()));
            }
            rename(connection, plan.restored(), plan.database());
            allow(connection, plan.database(), true);
            connection.commit();
            connection.setAutoCommit(true);
        } catch (SQLException | RecoveryFailure e) {
            Map<String, Boolean> before = new LinkedHashMap<>();
            if (liveThere) {
                before.put(plan.database(), note.liveAllowed());
            }
            before.put(plan.restored(), true);
            reopen(connection, before);
            throw e;
        }
    }

    private static void reopen(Connection connection, Map<String, Boolean> allowed) {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            for (Map.Entry<String, Boolean> each : allowed.entrySet()) {
                allow(connection, each.getKey(), each.getValue());
            }
        } catch (SQLException e) {
            // The next attempt, or the undo, opens it.
            dev.lifeboat.activities.store.Transcript.note("cannot open it again: " + e.getMessage());
        }
    }

    /** Until it comes about people work with the restored one, which must not stay shut to them. */
    private void renameBack(Connection connection, DumpRestorePlan plan, RestoreNote note) throws SQLException {
        String kept = plan.kept();
        try {
            shutOut(connection, List.of(plan.database()));
            connection.setAutoCommit(false);
            rename(connection, plan.database(), plan.restored());
            if (kept != null && note.live() != null && note.live().equals(RestoreDatabases.oid(connection, kept))) {
                rename(connection, kept, plan.database());
            }
            allow(connection, plan.restored(), true);
            connection.commit();
            connection.setAutoCommit(true);
        } catch (SQLException | RecoveryFailure e) {
            reopen(connection, Map.of(plan.database(), true));
            throw e;
        }
    }

    private static void rename(Connection connection, String from, String to) throws SQLException {
        RestoreSession.execute(
                connection,
                "alter database %s rename to %s".formatted(RestoreSession.quoted(from), RestoreSession.quoted(to)));
    }

    private static void allow(Connection connection, String database, boolean allowed) throws SQLException {
        RestoreSession.execute(
                connection,
                "alter database %s allow_connections %s".formatted(RestoreSession.quoted(database), allowed));
    }

    /** Nobody comes in any more, and everybody who was is gone. */
    private static void shutOut(Connection connection, List<String> databases) throws SQLException {
        for (String database : databases) {
            allow(connection, database, false);
        }
        String names = String.join("\u001F", databases);
        long end = System.nanoTime() + TO_LEAVE.toNanos();
        while (true) {
            RestoreSession.rows(connection, "select pg_terminate_backend(pid) " + SESSIONS, names);
            List<String> left = RestoreSession.column(
                    connection,
                    "select format('%s (pid %s)', coalesce(nullif(usename, ''), backend_type), pid) " + SESSIONS,
                    names);
            if (left.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new RecoveryFailure(
                        FailureCode.SESSIONS_REMAIN,
                        "cannot rename %s: sessions that were told to end were still there after %s: %s"
                                .formatted(String.join(" and ", databases), TO_LEAVE, String.join(", ", left)),
                        "end them by hand, then 'lifeboat retry'; the live database is open again meanwhile");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED, "the wait for sessions to end was interrupted", "it is tried again", e);
        }
    }

    private static boolean isIn(Connection connection, DumpRestorePlan plan, RestoreNote note) throws SQLException {
        Long now = RestoreDatabases.oid(connection, plan.database());
        return now != null && now.equals(note.restored());
    }

    private static void requireRestored(Connection connection, DumpRestorePlan plan, RestoreNote note)
            throws SQLException {
        if (!Objects.equals(RestoreDatabases.oid(connection, plan.restored()), note.restored())) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot put %s into the place of %s: it is not the database that this run has restored"
                            .formatted(plan.restored(), plan.database()),
                    "look at 'select oid, datname from pg_database'; nothing was changed. Abort, and start again");
        }
    }

    /** Written down before anything is renamed, so that cleanup finds what an abandoned run has left. */
    private RestoreNote keep(Connection connection, DumpRestoreOrder order, RestoreNote note, long live)
            throws SQLException, IOException {
        String kept = order.plan().kept();
        if (kept == null) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot put %s into the place of %s: when it was planned there was no such database, and now there is one"
                            .formatted(order.plan().restored(), order.plan().database()),
                    "abort, look whose it is, and start again");
        }
        if (note.live() != null && note.live() == live) {
            return note;
        }
        boolean allowed = "t"
                .equals(RestoreSession.one(
                        connection, "select datallowconn from pg_database where oid = ?::oid", Long.toString(live)));
        Instant until = Instant.now().plus(KEPT_FOR);
        String systemId = Objects.requireNonNull(
                RestoreSession.one(connection, "select system_identifier::text from pg_control_system()"));
        new KeptDatabase(1, kept, live, systemId, order.fence().runId(), until).write(access);
        return note.replacing(live, allowed, until);
    }

    private StepOutcome done(DumpRestorePlan plan, RestoreNote note, List<Finding> findings) {
        List<LeftBehind> left = new ArrayList<>();
        @Nullable Instant until = note.keptUntil();
        if (plan.kept() != null && until != null) {
            left.add(new LeftBehind("replaced database, closed to connections", plan.kept(), until));
        }
        String detail = plan.kept() == null
                ? "%s is %s now".formatted(plan.restored(), plan.database())
                : "%s is %s now, the one before is %s".formatted(plan.restored(), plan.database(), plan.kept());
        return StepOutcome.of(detail, access.workerName())
                .withFindings(findings)
                .withLeftBehind(left);
    }

    private static List<String> names(DumpRestorePlan plan) {
        return plan.kept() == null
                ? List.of(plan.database(), plan.restored())
                : List.of(plan.database(), plan.restored(), plan.kept());
    }

    private RestorePlace place(DumpRestorePlan plan) {
        return new RestorePlace(access, plan.database());
    }

    private static RecoveryFailure notLoaded(DumpRestorePlan plan) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot put %s into the place of %s: the note of this run that it is whole is gone"
                        .formatted(plan.restored(), plan.database()),
                "abort the run and start again");
    }
}
