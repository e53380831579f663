package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Opens the recovered cluster to its users: in its final place, or, beside it, on its own port. */
final class Reopen {

    private static final Duration TO_ARCHIVE = Duration.ofSeconds(15);
    private static final String HISTORY = "%08X.history";
    private static final List<String> CONFIGURATION = List.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf");

    private final LiveContext context;
    private final ObjectStore store;
    private final Quiesce quiesce;
    private final LiveStopStart server;
    private final LiveDatabase database;
    private final CopyOpening copy;
    private final LiveConfiguration configuration;

    Reopen(LiveContext context, ObjectStore store, Quiesce quiesce) {
        this.context = context;
        this.store = store;
        this.quiesce = quiesce;
        this.server = new LiveStopStart(context);
        this.database = new LiveDatabase(context);
        this.copy = new CopyOpening(context);
        this.configuration = new LiveConfiguration(context, store);
    }

    StepOutcome open(RecoveryOrder order) {
        return order.plan().placement() == Placement.INTO ? copy.open(order) : inPlace(order);
    }

    private StepOutcome inPlace(RecoveryOrder order) {
        context.mayChange(order);
        SwapJournal journal = requireSwapped(order);
        Path before = Path.of(journal.before());
        quiesce.lift(order);
        List<Finding> findings = new ArrayList<>();
        try {
            if (!server.running()) {
                new ArchiveNotes(LifeboatFolder.of(context.cluster()), context.user()).install();
                new ArchiveSettings(context).carryOver(before);
                configuration.restoreMissing(order).ifPresent(findings::add);
                configuration.requireUsable(order);
                new PreparedTransactions(context.user(), context.dataDirectory(), new ServerCommand(context).postgres())
                        .makeRoom()
                        .ifPresent(findings::add);
            }
            findings.addAll(
                    quiesce.stranded(order).and(Stranded.readFrom(before)).findings(fork()));
            olderConfiguration(before).ifPresent(findings::add);
        } catch (IOException e) {
            throw FileTrees.failed("prepare " + context.dataDirectory() + " for its start", e);
        }
        int port = context.cluster().port();
        String how = server.start(order, () -> database.tryLogin(port));
        List<Check> checks = prove(order, findings);
        context.write(SwapJournal.NOTE, journal.asOpened());
        return context.outcome("%s, accepts logins at %s:%d"
                        .formatted(how, context.cluster().host(), port))
                .withChecks(checks)
                .withFindings(findings);
    }

    private SwapJournal requireSwapped(RecoveryOrder order) {
        return SwapJournal.read(context)
                .filter(journal -> journal.runId().equals(order.fence().runId()))
                .filter(journal -> journal.opened() || journal.next() == SwapJournal.Next.DONE)
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.UNEXPECTED_STATE,
                        "cannot reopen %s: this run has not moved the recovered directory there"
                                .formatted(context.dataDirectory()),
                        "see %s and the step swap-in in 'lifeboat status'".formatted(context.note(SwapJournal.NOTE))));
    }

    /** Where the recovered cluster left the timeline before it, by its own history file. */
    private Optional<TimelineHistory.Fork> fork() throws IOException {
        Path data = context.dataDirectory();
        int timeline = ControlFile.read(context.cluster().binary("pg_controldata"), context.user(), data)
                .timeline();
        Path history = data.resolve("pg_wal").resolve(String.format(Locale.ROOT, HISTORY, timeline));
        if (!Files.exists(history)) {
            return Optional.empty();
        }
        List<TimelineHistory.Fork> forks =
                TimelineHistory.parse(timeline, Files.readString(history)).forks();
        return forks.stream().skip(Math.max(0, forks.size() - 1)).findFirst();
    }

    /** The recovered directory brings the configuration of its base backup; what was changed since is in the old one. */
    private Optional<Finding> olderConfiguration(Path before) throws IOException {
        List<String> different = new ArrayList<>();
        for (String name : CONFIGURATION) {
            Path old = before.resolve(name);
            Path now = context.dataDirectory().resolve(name);
            if (Files.exists(old) && Files.exists(now) && Files.mismatch(old, now) >= 0) {
                different.add(name);
            }
        }
        if (!AutoConf.sameSettings(before, context.dataDirectory())) {
            different.add(AutoConf.FILE);
        }
        if (different.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                "medium",
                "%s came back as in the base backup and differs from the one in %s"
                        .formatted(String.join(", ", different), before),
                "compare them: what was set since the base backup is in the old ones"));
    }

    private List<Check> prove(RecoveryOrder order, List<Finding> findings) {
        List<Check> checks = new ArrayList<>();
        int timeline;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select (select system_identifier::text from pg_control_system()),"
                                + " (select timeline_id from pg_control_checkpoint()), pg_is_in_recovery()::text,"
                                + " current_setting('archive_mode'), current_setting('data_directory')")) {
            row.next();
            timeline = row.getInt(2);
            checks.add(same("system identifier", order.plan().systemId(), row.getString(1)));
            checks.add(same("in recovery", "false", row.getString(3)));
            checks.add(same("data directory", context.dataDirectory().toString(), row.getString(5)));
            subscriptions(connection).ifPresent(findings::add);
            SynchronousStandbys.look(connection).ifPresent(check -> {
                checks.add(check);
                if (check.verdict() == Verdict.FAIL) {
                    findings.add(SynchronousStandbys.finding(check));
                }
            });
            if ("off".equals(row.getString(4))) {
                findings.add(new Finding(
                        "high",
                        "archive_mode is off in the recovered cluster: its WAL is not archived",
                        "'lifeboat setup postgres %s --apply'"
                                .formatted(context.cluster().name())));
                return checks;
            }
        } catch (SQLException e) {
            throw new RecoveryFailure(
                    FailureCode.DATABASE_UNREACHABLE,
                    "the reopened %s let us in and then did not answer: %s"
                            .formatted(context.cluster().name(), e.getMessage()),
                    "see the server's log; it is tried again",
                    e);
        }
        archiving(order, timeline, checks, findings);
        return checks;
    }

    /** It asks from where it stood at the recovery point, and gets what comes after what it has confirmed since. */
    private static Optional<Finding> subscriptions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*), string_agg(subname, ', ' order by subname)"
                        + " from pg_subscription where subenabled")) {
            row.next();
            return row.getInt(1) == 0
                    ? Optional.empty()
                    : Optional.of(new Finding(
                            "high",
                            "%d subscription(s) of the recovered cluster go on where their publishers stand, and miss what was received after the recovery point: %s"
                                    .formatted(row.getInt(1), row.getString(2)),
                            "disable each, empty its tables, and copy them anew with a subscription made afresh"));
        }
    }

    /** Users are not kept waiting for it: what is late is a finding, and the new base backup waits for its WAL anyway. */
    private void archiving(RecoveryOrder order, int timeline, List<Check> checks, List<Finding> findings) {
        String history = String.format(Locale.ROOT, HISTORY, timeline);
        WalArchive archive =
                new WalArchive(store, context.cluster().name(), order.plan().systemId());
        if (Waiting.until(TO_ARCHIVE, () -> archive.has(history))) {
            checks.add(Check.of("timeline " + timeline + " is archived", history, history, true));
        } else {
            findings.add(new Finding(
                    "high",
                    "%s is not in the archive %s after the cluster was reopened".formatted(history, TO_ARCHIVE),
                    "see pg_stat_archiver and 'lifeboat doctor'"));
        }
    }

    private static Check same(String name, String expected, String observed) {
        return Check.of(name, expected, observed, expected.equals(observed));
    }
}
