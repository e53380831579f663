package dev.lifeboat.lab;

import dev.lifeboat.lab.load.LoadWriters;
import dev.lifeboat.lab.load.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The main job, seen with one's own eyes: load, backup, disaster, recovery, every row compared. */
final class Demo {

    private static final int WRITERS = 4;
    private static final String RUN = "pitr-recovery/" + Lab.CLUSTER;

    private final Narrator tell = new Narrator();
    private final DemoStage stage = new DemoStage(tell);
    private final EngineChoice engine;

    Demo(EngineChoice engine) {
        this.engine = engine;
    }

    /** @return 0 only when all five verdicts pass and every row is as it was */
    int run() {
        PostgresInstall.require();
        tell.chapter("A lab: PostgreSQL, an S3 store, Temporal, a worker");
        String lastWords = "lifeboat: the demo was interrupted; everything that it had started is ended and removed";
        try (Lab lab = Lab.builder().engine(engine).lastWords(lastWords).start()) {
            introduce(lab);
            try (LoadWriters load = LoadWriters.start(lab.postgres(), WRITERS, Duration.ofMillis(10))) {
                protect(lab, load);
                Instant lastGood = ruin(lab, load);
                int exitCode = recover(lab, lastGood);
                return judge(lab, load, lastGood, exitCode);
            }
        }
    }

    private void introduce(Lab lab) {
        tell.line("PostgreSQL %s at 127.0.0.1:%d"
                .formatted(
                        lab.postgres().query("show server_version"),
                        lab.postgres().port()));
        tell.line("S3 store at " + lab.s3().endpoint());
        tell.line("Temporal at " + lab.temporal().address() + ": "
                + lab.temporal().description());
        lab.temporal().uiAddress().ifPresent(ui -> tell.line("watch every step at " + ui));
        lab.worker().awaitServing();
        tell.line("worker: " + lab.worker().health());
    }

    private void protect(Lab lab, LoadWriters load) {
        tell.chapter(WRITERS + " writers insert orders, while WAL archiving is switched on and a base backup is taken");
        stage.run(lab, "setup", "postgres", Lab.CLUSTER, "--apply");
        lab.postgres().restart();
        tell.line("PostgreSQL restarted, as the setup asked");
        tell.count(load, Duration.ofSeconds(20), () -> load.committed() > 500);
        stage.run(lab, "start", "base-backup", "--cluster", Lab.CLUSTER);
        int afterBackup = load.committed();
        tell.count(load, Duration.ofSeconds(20), () -> load.committed() > afterBackup + 500);
    }

    /** @return the moment to go back to */
    private Instant ruin(Lab lab, LoadWriters load) {
        tell.chapter("Disaster: a bad UPDATE, and a panicked DROP TABLE");
        String sql = "update orders set amount_cents = 0";
        Instant damage = commitTimeOf(lab, sql);
        tell.line(damage + "  " + sql);
        Instant lastGood = load.ledger()
                .pauseBefore(damage, Duration.ofMillis(1))
                .orElseThrow(() -> new IllegalStateException("the writers left no pause of 1 ms to recover to"));
        int afterDamage = load.committed();
        tell.count(load, Duration.ofSeconds(10), () -> load.committed() > afterDamage + 200);
        load.pause();
        lab.postgres().execute("drop table orders");
        tell.line(Instant.now() + "  drop table orders");
        tell.line("the last good moment, between two commits: " + lastGood);
        return lastGood;
    }

    private int recover(Lab lab, Instant lastGood) {
        tell.chapter("The plan: what a recovery would do, on facts read now");
        stage.run(lab, "plan", "pitr-recovery", "--cluster", Lab.CLUSTER, "--target", lastGood.toString());
        tell.chapter("The recovery");
        String[] words = {
            "start",
            "pitr-recovery",
            "--cluster",
            Lab.CLUSTER,
            "--target",
            lastGood.toString(),
            "--reason",
            "demo: bad UPDATE",
            "--yes"
        };
        tell.command(words);
        return lab.cli().show(words);
    }

    private int judge(Lab lab, LoadWriters load, Instant lastGood, int exitCode) {
        List<String> failures = new ArrayList<>();
        if (exitCode != 0) {
            failures.add("the recovery exited with " + exitCode);
        }
        tell.chapter("Every row compared with what the writers were told");
        Rows.Difference difference = compare(lab, load, lastGood);
        tell.line(difference.toString());
        if (!difference.isNone()) {
            failures.add("rows differ");
        }
        if (difference.isNone()) {
            writeOn(load, failures);
        }
        Path kept = stage.keepReports(lab, List.of(RUN), failures);
        tell.chapter(failures.isEmpty() ? "Recovered, verified, cleaned up" : "NOT as it should be: " + failures);
        tell.line("the report and its evidence: " + kept);
        return failures.isEmpty() ? 0 : 1;
    }

    private Rows.Difference compare(Lab lab, LoadWriters load, Instant lastGood) {
        try (Connection connection = lab.postgres().connect()) {
            return Rows.read(connection)
                    .compare(load.ledger().until(lastGood), load.ledger().inDoubt());
        } catch (SQLException e) {
            tell.line("the rows cannot be read: " + e.getMessage());
            return new Rows.Difference(0, List.copyOf(load.ledger().ids()), List.of(), List.of());
        }
    }

    private void writeOn(LoadWriters load, List<String> failures) {
        int before = load.committed();
        load.goOn();
        tell.count(load, Duration.ofSeconds(15), () -> load.committed() > before + 100);
        if (load.committed() <= before + 100) {
            failures.add("the writers cannot write on");
        } else {
            tell.line("the writers write on, on the new timeline");
        }
    }

    /** Runs a statement in a transaction of its own and returns when that was committed, by the server's clock. */
    private static Instant commitTimeOf(Lab lab, String sql) {
        try (Connection connection = lab.postgres().connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            String xid;
            try (var row = statement.executeQuery("select pg_current_xact_id()::xid::text")) {
                row.next();
                xid = row.getString(1);
            }
            connection.commit();
            try (var row = statement.executeQuery("select pg_xact_commit_timestamp('" + xid + "'::xid)")) {
                row.next();
                return Objects.requireNonNull(row.getObject(1, OffsetDateTime.class))
                        .toInstant();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the damage could not be done: " + e.getMessage(), e);
        }
    }
}
