package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Live;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Login;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Source;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.UnknownTable;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Compression;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a worker found of a database and its dumps, for tests. */
public final class DumpFacts {

    /** A table that no dump of this world has. */
    public static final String UNKNOWN = "nope";

    public static final Instant SNAPSHOT = Instant.parse("2026-08-22T02:00:01Z");
    public static final Instant NOW = Instant.parse("2026-08-22T09:31:07Z");
    public static final String NEWEST = "shop_2026-08-22_020000";
    public static final Live LIVE = new Live("shop_owner", true, 1 << 20, List.of(), List.of(), 0, false);
    public static final Login SUPERUSER = new Login("postgres", true, true, true);

    private DumpFacts() {}

    public static DumpRestoreFacts facts() {
        return facts(List.of(dump("shop_2026-08-21_020000"), dump(NEWEST)), null, LIVE, SUPERUSER);
    }

    public static DumpRestoreFacts facts(List<Dump> dumps, @Nullable Dump named, @Nullable Live live, Login login) {
        return facts(dumps, named, live, login, Map.of());
    }

    public static DumpRestoreFacts facts(
            List<Dump> dumps, @Nullable Dump named, @Nullable Live live, Login login, Map<String, String> doubts) {
        return new DumpRestoreFacts(
                NOW,
                dumps,
                named,
                List.of("s3://b/postgres/daily/shop_2026-02-15_020000.dump.gz"),
                List.of(),
                live == null ? List.of("postgres", "template1") : List.of("postgres", "shop", "template1"),
                live,
                login,
                List.of("backend"),
                2,
                NOW.minusSeconds(60),
                doubts,
                StepOutcome.of("", FakeWorld.WORKER));
    }

    public static Dump dump(String id) {
        return new Dump(
                id, "main", id.substring(0, id.indexOf('_')), "7400", 150018, SNAPSHOT, SNAPSHOT, 4096, 512, null);
    }

    public static AskedTables without(String table, String kind, List<String> near) {
        return new AskedTables(7, List.of(new UnknownTable(table, kind, near)), List.of());
    }

    public static Source source() {
        return source(new DumpBytes(Format.CUSTOM, List.of(Compression.ZSTD), false), List.of());
    }

    public static Source source(DumpBytes bytes, List<String> disagreements) {
        return new Source(
                new Choice(Kind.DUMP, NEWEST),
                "s3://b/postgres/daily/main/" + NEWEST + ".dump.zst",
                bytes,
                512,
                4096,
                6144,
                SNAPSHOT,
                disagreements,
                Lsn.parse("0/5A0148"),
                null);
    }

    /** Where single tables are asked for, and not all of them are simply there. */
    public static Source source(AskedTables asked) {
        Source plain = source();
        return new Source(
                plain.choice(),
                plain.address(),
                plain.bytes(),
                plain.storedBytes(),
                plain.plainBytes(),
                plain.databaseBytes(),
                plain.snapshotAt(),
                plain.disagreements(),
                plain.lsn(),
                asked);
    }

    /** One table alone. */
    public static DumpRestoreInput input(String table) {
        return input(true, "latest", null, false, List.of(table), false, false);
    }

    public static DumpRestoreInput input(boolean clean, boolean yes) {
        return input(yes, "latest", null, clean, List.of(), false, false);
    }

    public static DumpRestoreInput input(
            boolean yes,
            String backup,
            @Nullable String into,
            boolean clean,
            List<String> tables,
            boolean strict,
            boolean sql) {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "table gone",
                yes,
                false,
                new Objectives(Duration.ofHours(2), Duration.ofHours(24)),
                Map.of("cluster", "main", "database", "shop"));
        return new DumpRestoreInput(request, "main", "shop", backup, into, clean, 0, tables, strict, sql);
    }
}
