package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.Space;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.List;

/** Facts as they are read beside a healthy cluster with one base backup, WAL up to 09:31 and a target at 09:15. */
public final class Facts {

    public static final Instant TARGET = Instant.parse("2026-08-22T09:15:00Z");
    public static final Instant LAST_COMMIT = Instant.parse("2026-08-22T09:31:07Z");
    public static final Instant READ_AT = Instant.parse("2026-08-22T09:31:08Z");

    private Facts() {}

    public static BaseBackup backup(String id) {
        return backup(id, 1, "0/2000028", "0/2000100", Instant.parse("2026-08-22T01:30:00Z"), "2026-08-22T01:31:00Z");
    }

    public static BaseBackup backup(
            String id, int timeline, String startLsn, String endLsn, Instant startedAt, String endedAt) {
        return new BaseBackup(
                id,
                "main",
                "7300000000000000001",
                150018,
                timeline,
                Lsn.parse(startLsn),
                Lsn.parse(endLsn),
                startedAt,
                Instant.parse(endedAt),
                1L << 30,
                1L << 28,
                8,
                null);
    }

    public static RecoveryFacts ofOneBackupAndSomeWal() {
        return withBackups(List.of(backup("20260822T013000Z")));
    }

    public static RecoveryFacts withoutBackups() {
        return withBackups(List.of());
    }

    public static RecoveryFacts withALaterBackup() {
        BaseBackup later = backup(
                "20260822T060000Z",
                1,
                "0/4000028",
                "0/4000100",
                Instant.parse("2026-08-22T06:00:00Z"),
                "2026-08-22T06:01:00Z");
        return withBackups(List.of(backup("20260822T013000Z"), later));
    }

    private static RecoveryFacts withBackups(List<BaseBackup> backups) {
        return of(
                backups,
                List.of(new TimelineFacts(
                        1,
                        null,
                        List.of(new SegmentRange(1, 8, "bucket"), new SegmentRange(9, 9, "live")),
                        Instant.parse("2026-08-22T00:00:01Z"),
                        LAST_COMMIT,
                        Lsn.parse("0/9123450"))),
                List.of(new TargetLocation(
                        1,
                        Lsn.parse("0/55A0148"),
                        Instant.parse("2026-08-22T09:14:59.871Z"),
                        Instant.parse("2026-08-22T09:15:00.310Z"))));
    }

    public static RecoveryFacts of(
            List<BaseBackup> backups, List<TimelineFacts> timelines, List<TargetLocation> locations) {
        return new RecoveryFacts(
                "main",
                "7300000000000000001",
                WalSegmentSize.DEFAULT,
                backups,
                timelines,
                locations,
                new LiveCluster(LiveState.RUNNING, "/var/lib/postgresql/15/main", 150018, 5432),
                new Space(100L << 30, 1L << 30),
                List.of("backend"),
                List.of(),
                READ_AT);
    }
}
