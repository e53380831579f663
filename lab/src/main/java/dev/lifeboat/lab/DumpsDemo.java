package dev.lifeboat.lab;

import dev.lifeboat.lab.load.Ledger;
import dev.lifeboat.lab.load.LoadWriters;
import dev.lifeboat.lab.load.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Encrypted dumps, seen with one's own eyes: dump, damage, restore beside, swap, and a verification whose checks must fail. */
final class DumpsDemo {

    private static final int WRITERS = 2;
    private static final String DATABASE = "shop";
    private static final String BESIDE = "shop_beside";
    private static final String RESTORE = "dump-restore/" + Lab.CLUSTER + "." + DATABASE;
    private static final String VERIFICATION = "restore-verification/" + Lab.CLUSTER;

    private final Narrator tell = new Narrator();
    private final DemoStage stage = new DemoStage(tell);
    private final EngineChoice engine;
    private final List<String> failures = new ArrayList<>();

    DumpsDemo(EngineChoice engine) {
        this.engine = engine;
    }

    /** What the dump holds must be every row that was committed before it, and may be one that was committed during it. */
    private record Window(Instant before, Instant after) {}

    /** @return 0 only when all verdicts of all runs pass and every row is as it was */
    int run() {
        PostgresInstall.require();
        tell.chapter("A lab whose backups are encrypted: PostgreSQL, an S3 store, Temporal, a worker");
        String lastWords = "lifeboat: the demo was interrupted; everything that it had started is ended and removed";
        try (Lab lab =
                Lab.builder().engine(engine).encrypted().lastWords(lastWords).start()) {
            lab.worker().awaitServing();
            tell.line("worker: " + lab.worker().health());
            try (LoadWriters load = LoadWriters.start(lab.postgres(), WRITERS, Duration.ofMillis(10))) {
                Window window = dump(lab, load);
                ruin(lab, load);
                beside(lab, load, window);
                swap(lab, load, window);
                verify(lab);
                return judge(lab);
            }
        }
    }

    private Window dump(Lab lab, LoadWriters load) {
        tell.chapter(WRITERS + " writers insert orders, and go on while the database is dumped");
        stage.run(lab, "setup", "postgres", Lab.CLUSTER, "--apply");
        lab.postgres().restart();
        tell.count(load, Duration.ofSeconds(20), () -> load.committed() > 500);
        stage.run(lab, "start", "base-backup", "--cluster", Lab.CLUSTER);
        Instant before = serverTime(lab);
        stage.run(lab, "start", "daily-dump", "--cluster", Lab.CLUSTER);
        Window window = new Window(before, serverTime(lab));
        stage.run(lab, "backups");
        return window;
    }

    /** One is left: the drill of the verification goes to any time, this one too, and smoke tests ask for orders. */
    private void ruin(Lab lab, LoadWriters load) {
        tell.chapter("Damage: a DELETE with the wrong WHERE");
        load.pause();
        String wrong = "delete from orders where id > (select min(id) from orders)";
        lab.postgres().execute(wrong);
        tell.line(Instant.now() + "  " + wrong);
    }

    private void beside(Lab lab, LoadWriters load, Window window) {
        tell.chapter("The dump restored beside the live database, to look into");
        stage.run(lab, "start", "dump-restore", "--cluster", Lab.CLUSTER, "--database", DATABASE, "--into", BESIDE);
        compare(lab, load, window, BESIDE);
    }

    private void swap(Lab lab, LoadWriters load, Window window) {
        tell.chapter("And in its place: checked beside it, then swapped in by two renames");
        stage.run(
                lab,
                "start",
                "dump-restore",
                "--cluster",
                Lab.CLUSTER,
                "--database",
                DATABASE,
                "--clean",
                "--reason",
                "demo: DELETE with the wrong WHERE",
                "--yes");
        compare(lab, load, window, DATABASE);
        int before = load.committed();
        load.goOn();
        tell.count(load, Duration.ofSeconds(15), () -> load.committed() > before + 100);
        if (load.committed() <= before + 100) {
            failures.add("the writers cannot write on");
        }
    }

    private void verify(Lab lab) {
        tell.chapter("The verification of the month: a throw-away server, and each check seen to fail on purpose");
        // What the writers have done since is to be in the archive: the drill goes to some time in there.
        lab.postgres().execute("select pg_switch_wal()");
        stage.run(lab, "window", Lab.CLUSTER);
        stage.run(lab, "start", "restore-verification", "--cluster", Lab.CLUSTER, "--prove-checks");
        stage.run(lab, "backups");
    }

    private int judge(Lab lab) {
        tell.chapter("The verdicts");
        Path kept = stage.keepReports(lab, List.of("daily-dump/" + Lab.CLUSTER, RESTORE, VERIFICATION), failures);
        tell.chapter(failures.isEmpty() ? "Dumped, restored, proved" : "NOT as it should be: " + failures);
        tell.line("the reports and their evidence: " + kept);
        return failures.isEmpty() ? 0 : 1;
    }

    private void compare(Lab lab, LoadWriters load, Window window, String database) {
        Map<Long, String> mayBeThere = new HashMap<>(load.ledger().inDoubt());
        for (Ledger.Entry entry : load.ledger().entries()) {
            if (entry.committedAt().isAfter(window.before())
                    && !entry.committedAt().isAfter(window.after())) {
                mayBeThere.put(entry.id(), entry.hash());
            }
        }
        try (Connection connection = lab.postgres().connect(database)) {
            Rows.Difference difference =
                    Rows.read(connection).compare(load.ledger().until(window.before()), mayBeThere);
            tell.line(database + ": " + difference);
            if (!difference.isNone()) {
                failures.add("rows of " + database + " differ");
            }
        } catch (SQLException e) {
            failures.add("the rows of " + database + " cannot be read: " + e.getMessage());
        }
    }

    /** Commits are timed by the server's clock. */
    private static Instant serverTime(Lab lab) {
        return Instant.parse(lab.postgres()
                .query("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
    }
}
