package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.Lots;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Facts as they are read beside a healthy cluster with dumps in the bucket. */
public final class DumpsToVerify {

    public static final Instant TAKEN = Instant.parse("2026-08-22T02:00:00Z");
    public static final Instant READ_AT = Instant.parse("2026-08-22T04:00:00Z");
    public static final SeenToFail SEEN =
            new SeenToFail(Instant.parse("2026-08-01T04:05:00Z"), "table a was dropped", "restore-verification/main@r");

    public static final Window WINDOW = new Window(
            List.of(new Range(
                    1,
                    Instant.parse("2026-08-22T01:31:00Z"),
                    Instant.parse("2026-08-22T03:59:00Z"),
                    Lsn.parse("0/2000100"),
                    Lsn.parse("0/9000000"))),
            List.of(),
            null);

    private DumpsToVerify() {}

    public static Dump dump(String id, String database) {
        return dump(id, database, TAKEN);
    }

    public static Dump dump(String id, String database, Instant startedAt) {
        return new Dump(
                id,
                "main",
                database,
                "7300000000000000001",
                150018,
                startedAt,
                startedAt.plusSeconds(60),
                100L << 20,
                20L << 20,
                null);
    }

    public static VerificationFacts of(Dump... dumps) {
        return of(List.of(dumps), 100L << 30, new Lots(0.5, 0.5));
    }

    public static VerificationFacts of(List<Dump> dumps, long freeBytes, Lots lots) {
        return new VerificationFacts(
                dumps,
                List.of(),
                Map.of(15, "/usr/lib/postgresql/15/bin"),
                Map.of(),
                "shop",
                "/var/lib/postgresql/15/main",
                "/var/lib/postgresql/15/lifeboat-main",
                freeBytes,
                lots,
                READ_AT,
                StepOutcome.of("", FakeWorld.WORKER));
    }
}
