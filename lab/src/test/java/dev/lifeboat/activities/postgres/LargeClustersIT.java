package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many tables, and one table of several files of 1 GB. By default there are few of both; {@code -Dlifeboat.thorough=true}
 * makes 100,000 tables and more than 2 GB, in a few minutes and 10 GB of disk.
 */
@Tag("any-engine")
class LargeClustersIT {

    private static final boolean THOROUGH = Boolean.getBoolean("lifeboat.thorough");
    private static final int TABLES = THOROUGH ? Integer.getInteger("lifeboat.tables", 100_000) : 2_000;
    private static final int ROWS = THOROUGH ? 6_500_000 : 100_000;

    @Test
    void aHundredThousandTablesAndATableOfSeveralFilesComeBack() throws Exception {
        if (!THOROUGH) {
            System.out.println(
                    "LargeClustersIT: 2,000 tables and a table of 40 MB; -Dlifeboat.thorough=true makes 100,000 and one of three files of 1 GB");
        }
        Path folder = Folders.temporary("large");
        LabPostgres server = LabPostgres.in(folder.resolve("pg"))
                .settings("autovacuum=off\nfsync=off\nmax_wal_size=4GB\nmax_locks_per_transaction=200\n")
                .start();
        try (ArchivedCluster cluster = new ArchivedCluster(server)) {
            server.execute(
                    "do $$ begin for i in 1.." + TABLES + " loop execute 'create table t' || i || ' (n int)';"
                            + " if i % 2000 = 0 then commit; end if; end loop; end $$",
                    "create table wide (n int) with (fillfactor = 10)",
                    "insert into wide select generate_series(1, " + ROWS + ")",
                    "checkpoint");
            assertThat(Long.parseLong(String.valueOf(server.query("select pg_relation_size('wide')"))))
                    .isGreaterThan(THOROUGH ? 2L << 30 : 32L << 20);
            Instant began = Instant.now();
            BaseBackupManifest taken = cluster.backUp();
            Duration backup = Duration.between(began, Instant.now());
            server.execute("insert into t" + TABLES + " values (1)", "insert into wide values (-1)");
            RecoveryOrder order =
                    cluster.order(cluster.plan(new RecoveryTarget.Latest(), false, null, Placement.IN_PLACE));
            Instant closing = Instant.now();
            cluster.close(order);
            Instant restoring = Instant.now();
            cluster.copy().restoreBaseBackup(order, CopyWorld.NOBODY);
            Duration restore = Duration.between(restoring, Instant.now());
            cluster.recoverCopy(order);
            cluster.copy().makeDurable(order, CopyWorld.NOBODY);
            cluster.live().swapIn(order);
            cluster.live().reopen(order);
            Instant reopened = Instant.now();

            assertThat(server.query("select count(*) || ' ' || sum(n) from wide"))
                    .isEqualTo((ROWS + 1) + " " + (ROWS * (ROWS + 1L) / 2 - 1));
            assertThat(server.query("select count(*) from pg_class where relkind = 'r' and relname ~ '^t[0-9]+$'"))
                    .isEqualTo(Integer.toString(TABLES));
            assertThat(server.query("select sum(n) from t" + TABLES)).isEqualTo("1");
            long files = taken.allChunks().stream()
                    .mapToLong(chunk -> chunk.files().size())
                    .sum();
            System.out.printf(
                    "LargeClustersIT: %d tables, %d files, %s in %d chunks, backup %d s, restore %d s, whole recovery %d s, heap used at the end %s of %s%n",
                    TABLES,
                    files,
                    Bytes.text(taken.bytes()),
                    taken.allChunks().size(),
                    backup.toSeconds(),
                    restore.toSeconds(),
                    Duration.between(closing, reopened).toSeconds(),
                    Bytes.text(ManagementFactory.getMemoryMXBean()
                            .getHeapMemoryUsage()
                            .getUsed()),
                    Bytes.text(Runtime.getRuntime().maxMemory()));
        } finally {
            Folders.remove(folder);
        }
    }
}
