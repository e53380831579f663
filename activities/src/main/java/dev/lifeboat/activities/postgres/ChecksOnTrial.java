package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.DamagedStore.Damage;
import dev.lifeboat.activities.postgres.DamagedStore.Kind;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Damages a restored copy in every way that a check should notice, each in a transaction that is taken back, and demands red
 * from that very check. The archive is damaged on its way from the bucket, never in it.
 */
final class ChecksOnTrial {

    private static final String WANTED = "red";

    private final VerificationDatabase database;
    private final ThrowawayServer server;
    private final String configuredRole;
    private final String run;
    private final Watch watch;
    private final List<Check> checks = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, SeenToFail> seen = new TreeMap<>();

    /** @param run who damages, for the account of it */
    ChecksOnTrial(
            VerificationDatabase database, ThrowawayServer server, String configuredRole, String run, Watch watch) {
        this.database = database;
        this.server = server;
        this.configuredRole = configuredRole;
        this.run = run;
        this.watch = watch;
    }

    List<Check> checks() {
        return List.copyOf(checks);
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    Map<String, SeenToFail> seen() {
        return Map.copyOf(seen);
    }

    void database() throws InterruptedException {
        try (Connection connection = database.begin()) {
            DatabaseFacts facts = database.read(connection);
            List<Check> undamaged = database.compare(connection);
            connection.rollback();
            for (VerificationDamage damage : VerificationDamage.values()) {
                if (find(undamaged, damage.check()).isPresent()) {
                    watch.check();
                    watch.progress(new Progress(
                            "damaging: " + damage.check(),
                            checks.size(),
                            VerificationDamage.values().length,
                            "checks"));
                    inflict(
                            connection,
                            damage,
                            facts,
                            find(undamaged, damage.check()).orElseThrow());
                }
            }
            emptied(facts);
        } catch (SQLException e) {
            throw VerificationDatabase.failed("damage the restored database", e);
        }
    }

    private void inflict(Connection connection, VerificationDamage damage, DatabaseFacts facts, Check undamaged)
            throws SQLException, InterruptedException {
        if (undamaged.verdict() != Verdict.PASS) {
            checks.add(notTried(damage.check(), "it is red already: " + undamaged.observed()));
            return;
        }
        try {
            Optional<String> done = damage.inflict(connection, facts);
            if (done.isEmpty()) {
                checks.add(notTried(damage.check(), "the dump holds nothing that could be damaged for it"));
                return;
            }
            Transcript.note("damaged on purpose: " + done.get());
            judge(damage.check(), done.get(), find(database.compare(connection), damage.check()));
        } catch (SQLException e) {
            // Red for another reason than the damage proves nothing.
            checks.add(Check.of(
                    nameOf(damage.check(), "it is damaged"),
                    WANTED,
                    "it could not be damaged, or not be looked at afterwards: "
                            + LiveServer.firstLine(String.valueOf(e.getMessage())),
                    false));
        } finally {
            connection.rollback();
        }
    }

    /** Smoke tests are their owner's: one that is green over empty tables may be right, but then nobody saw it fail. */
    private void emptied(DatabaseFacts facts) throws SQLException {
        boolean lent = lendSuperuser();
        try (Connection connection = database.beginAsConfigured()) {
            VerificationDamage.empty(connection, facts);
            for (Check test : database.smokeTests().run(connection, watch)) {
                if (test.verdict() == Verdict.FAIL) {
                    saw(test.name(), "every table was emptied");
                    checks.add(Check.of(nameOf(test.name(), "every table was emptied"), WANTED, red(test), true));
                } else {
                    findings.add(new Finding(
                            "low",
                            "the sample query '%s' is green over tables that were emptied: it was not seen to fail by this"
                                    .formatted(test.name()),
                            "make it one that an empty database fails, for example with at-least: 1"));
                }
            }
            connection.rollback();
        } finally {
            if (lent) {
                superuser(false);
            }
        }
    }

    /** The archive as another view of the bucket shows it: undamaged first, or red would prove nothing. */
    void archive(VerificationArchive archive, ClusterAccess access, DumpManifest.Stored stored, DumpSpool spool)
            throws IOException, InterruptedException {
        long middle = stored.storedBytes() / 2;
        Check undamaged = seen(archive, access, stored, spool, new Damage(Kind.UNDAMAGED, 0));
        if (undamaged.verdict() != Verdict.PASS) {
            checks.add(notTried(VerificationArchive.CHECK, "it is red already: " + undamaged.observed()));
            return;
        }
        judge(
                VerificationArchive.CHECK,
                "everything from byte %d on was cut off".formatted(middle),
                Optional.of(seen(archive, access, stored, spool, new Damage(Kind.TRUNCATED, middle))));
        judge(
                VerificationArchive.CHECK,
                "a bit of byte %d was altered".formatted(middle),
                Optional.of(seen(archive, access, stored, spool, new Damage(Kind.ALTERED, middle))));
    }

    private Check seen(
            VerificationArchive archive,
            ClusterAccess access,
            DumpManifest.Stored stored,
            DumpSpool spool,
            Damage damage)
            throws IOException, InterruptedException {
        watch.progress(new Progress("damaging: the archive", checks.size(), 0, "checks"));
        spool.clear();
        try {
            ClusterAccess view = access.through(new DamagedStore(access.store(), stored.key(), damage));
            return archive.fetch(view, spool).check();
        } finally {
            spool.clear();
        }
    }

    private void judge(String name, String done, Optional<Check> after) {
        boolean red = after.isPresent() && after.get().verdict() == Verdict.FAIL;
        if (red) {
            saw(name, done);
        }
        checks.add(Check.of(
                nameOf(name, done), WANTED, after.map(ChecksOnTrial::red).orElse("it was not made"), red));
    }

    private void saw(String name, String done) {
        seen.put(name, new SeenToFail(Instant.now(), done, run));
    }

    private static String nameOf(String check, String done) {
        return "'%s' when %s".formatted(check, done);
    }

    private static String red(Check check) {
        return check.verdict() == Verdict.FAIL ? "red: " + check.observed() : "GREEN: " + check.observed();
    }

    private static Check notTried(String check, String why) {
        return new Check(nameOf(check, "it is damaged"), WANTED, why, Verdict.NOT_MEASURED);
    }

    private static Optional<Check> find(List<Check> all, String name) {
        return all.stream().filter(check -> check.name().equals(name)).findFirst();
    }

    /** Whoever asks the smoke tests must be the one who empties the tables, and may not be allowed to. */
    private boolean lendSuperuser() throws SQLException {
        if (!database.hasConfiguredRole()) {
            return false;
        }
        try (Connection connection = server.connect(CopySession.ANY_DATABASE);
                var statement = connection.prepareStatement("select rolsuper from pg_roles where rolname = ?")) {
            statement.setString(1, configuredRole);
            try (var row = statement.executeQuery()) {
                if (!row.next() || row.getBoolean(1)) {
                    return false;
                }
            }
        }
        superuser(true);
        return true;
    }

    private void superuser(boolean on) throws SQLException {
        try (Connection connection = server.connect(CopySession.ANY_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "alter role \"%s\" %ssuperuser".formatted(configuredRole.replace("\"", "\"\""), on ? "" : "no"));
        }
    }
}
