package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans as small as a test needs them, along timeline 1 and then 2, which left it at 0/5000100. */
final class TestPlans {

    private TestPlans() {}

    static RecoveryPlan plan(RecoveryTarget target, @Nullable Lsn stopLsn, Placement placement, Path folder) {
        Instant time = Instant.parse("2026-08-22T01:30:00Z");
        BaseBackup backup = new BaseBackup(
                "20260822T013000Z",
                "main",
                "42",
                150018,
                1,
                Lsn.parse("0/3000028"),
                Lsn.parse("0/3000138"),
                time,
                time,
                1,
                1,
                1,
                null);
        return new RecoveryPlan(
                "main",
                "42",
                placement,
                target,
                false,
                backup,
                2,
                List.of(new Leg(1, Lsn.parse("0/5000100")), new Leg(2, null)),
                stopLsn,
                null,
                null,
                "000000010000000000000003",
                "000000020000000000000007",
                5,
                null,
                new Directories(
                        folder.resolve("live").toString(),
                        folder.resolve("work/data").toString(),
                        folder.resolve("work").toString(),
                        0),
                List.of(),
                "digest");
    }
}
