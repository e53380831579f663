package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The clock of a real server goes forward by hours and comes back, as a broken source of time makes it do. Needs the
 * library of Debian's package faketime.
 */
@Tag("any-engine")
class ClockJumpIT {

    private static final Pattern POSITION = Pattern.compile("--target-lsn (\\S+) --exclusive");

    private final Path folder = Folders.temporary("clock");
    private final Path clock = folder.resolve("clock");

    @AfterEach
    void end() {
        Folders.remove(folder);
    }

    @Test
    void aTimeThatTheLogPassesTwiceIsAskedAboutAndEachAnswerLeadsToItsRows() throws Exception {
        Optional<Path> library = library();
        if (library.isEmpty()) {
            System.out.println("ClockJumpIT DID NOT RUN: there is no libfaketime.so.1 here; apt-get install faketime");
        }
        assumeTrue(library.isPresent(), "no libfaketime");
        LabPostgres server = LabPostgres.in(folder.resolve("pg"))
                .initdbOptions("--wal-segsize=1")
                .start();
        try (ArchivedCluster cluster = new ArchivedCluster(server)) {
            set("+0");
            server.stopFast();
            server.start(Map.of(
                    "LD_PRELOAD",
                    library.get().toString(),
                    "FAKETIME_TIMESTAMP_FILE",
                    clock.toString(),
                    "FAKETIME_NO_CACHE",
                    "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC",
                    "1"));
            server.execute("create table seen (n int)");
            cluster.backUp();
            see(server, 1);
            set("+3h");
            see(server, 2, 3);
            set("+0");
            see(server, 4);
            Instant moment = Instant.now();
            see(server, 5);
            server.execute("select pg_switch_wal()");

            RecoveryFailure refused = planned(cluster, new RecoveryTarget.AtTime(moment), false)
                    .refusals()
                    .get(0);
            assertThat(refused.code()).isEqualTo(FailureCode.AMBIGUOUS_TIME);
            List<Lsn> choices = POSITION.matcher(refused.hint())
                    .results()
                    .map(MatchResult::group)
                    .map(text -> Lsn.parse(text.split(" ")[1]))
                    .toList();
            assertThat(choices).as(refused.hint()).hasSize(2);
            assertThat(rows(cluster, planned(cluster, new RecoveryTarget.AtLsn(choices.get(0)), true)))
                    .isEqualTo("1");
            assertThat(rows(cluster, planned(cluster, new RecoveryTarget.AtLsn(choices.get(1)), true)))
                    .isEqualTo("1,2,3,4");

            // From a base backup of after it, PostgreSQL meets the time once.
            cluster.backUp();
            see(server, 6);
            Instant later = Instant.now();
            see(server, 7);
            PlannedRecovery again = planned(cluster, new RecoveryTarget.AtTime(later), false);
            assertThat(rows(cluster, again)).isEqualTo("1,2,3,4,5,6");
        }
    }

    private static PlannedRecovery planned(ArchivedCluster cluster, RecoveryTarget target, boolean exclusive) {
        return cluster.plan(target, exclusive, null, Placement.DRILL);
    }

    private static String rows(ArchivedCluster cluster, PlannedRecovery planned) throws InterruptedException {
        RecoveryOrder order = cluster.order(planned);
        try {
            cluster.live().saveWal(order);
            cluster.recoverCopy(order);
            return cluster.ask(order, "select string_agg(n::text, ',' order by n) from seen");
        } finally {
            cluster.copy().removeCopy(order);
        }
    }

    private static void see(LabPostgres server, int... numbers) {
        for (int number : numbers) {
            server.execute("insert into seen values (" + number + ")");
        }
    }

    private void set(String offset) throws IOException {
        Files.writeString(clock, offset + "\n");
    }

    private static Optional<Path> library() throws IOException {
        Path usr = Path.of("/usr/lib");
        try (Stream<Path> folders = Files.list(usr)) {
            return Stream.concat(Stream.of(usr), folders)
                    .map(each -> each.resolve("faketime/libfaketime.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        }
    }
}
