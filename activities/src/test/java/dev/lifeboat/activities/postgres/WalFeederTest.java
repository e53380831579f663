package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalFeederTest {

    private static final WalSegmentSize SIZE = WalSegmentSize.DEFAULT;
    private static final String FIRST = "000000010000000000000003";
    private static final String LAST = "000000020000000000000007";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private RecoveryWorkspace workspace;

    @SuppressWarnings("NullAway.Init")
    private WalFeeder feeder;

    private final Set<String> archived = ConcurrentHashMap.newKeySet();
    private volatile boolean away;

    @BeforeEach
    void prepare() {
        RecoveryPlan plan = TestPlans.plan(new RecoveryTarget.Latest(), null, Placement.IN_PLACE, folder);
        workspace = new RecoveryWorkspace(plan.directories(), new ServerUser(null));
        workspace.claim(new Fence("main", 1, "run")).close();
        feeder = new WalFeeder(workspace, new NeededWal(plan, SIZE), this::fetch, 3);
    }

    @AfterEach
    void end() {
        feeder.close();
    }

    @Test
    void whatThePlanNeedsIsFetchedBeforeAnybodyAsks() throws IOException {
        archiveAll();

        feeder.start(2);

        awaitAll();
        assertThat(feeder.taken()).isZero();
    }

    @Test
    void whatTheServerTookCountsAsDone() throws IOException {
        archiveAll();
        feeder.start(2);
        awaitAll();

        Files.delete(workspace.wal().resolve(FIRST));

        assertThat(feeder.taken()).isOne();
    }

    @Test
    void anEarlierSegmentIsServedAgain() throws IOException {
        archiveAll();
        feeder.start(2);
        awaitAll();
        Files.delete(workspace.wal().resolve(FIRST));

        ask(FIRST, "again");

        await().until(() -> Files.exists(workspace.wal().resolve(FIRST)));
    }

    @Test
    void whatThePlanDoesNotNeedMayBeAbsentAndTheAnswerNamesTheRequest() throws IOException {
        archiveAll();
        feeder.start(1);

        ask("00000003.history", "request 1");

        Path answer = workspace.absent().resolve("00000003.history");
        await().until(() -> Files.exists(answer));
        assertThat(answer).hasContent("request 1");
        assertThat(feeder.fatal()).isEmpty();
    }

    @Test
    void aHoleIsNeverCalledAbsent() throws IOException {
        archiveAll();
        archived.remove("000000020000000000000005");
        feeder.start(1);
        await().until(() -> feeder.fatal().isPresent());

        ask("000000020000000000000005", "request 1");

        Path answer = workspace.absent().resolve("000000020000000000000005");
        await().until(() -> Files.exists(answer));
        assertThat(answer).hasContent(RestoreShim.STOP);
        assertThat(feeder.fatal()).get().satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(FailureCode.WAL_GAP);
            assertThat(failure).hasMessageContaining("000000020000000000000005");
        });
    }

    @Test
    void whatWasSalvagedServesWhereTheArchiveHasNone() throws IOException {
        archiveAll();
        archived.remove(LAST);
        hollow(workspace.salvaged().resolve(LAST));

        feeder.start(1);

        await().until(() -> Files.exists(workspace.wal().resolve(LAST)));
        assertThat(feeder.fatal()).isEmpty();
    }

    @Test
    void aStoreThatIsAwayIsNoAnswer() throws IOException {
        away = true;
        feeder.start(1);
        ask("00000003.history", "request 1");
        await().until(() -> feeder.away().isPresent());
        assertThat(workspace.absent()).isEmptyDirectory();

        archiveAll();
        away = false;

        await().until(() -> Files.exists(workspace.absent().resolve("00000003.history")));
        await().until(() -> Files.exists(workspace.wal().resolve(LAST)));
        assertThat(feeder.away()).isEmpty();
    }

    private void archiveAll() {
        archived.add(FIRST);
        archived.add("000000010000000000000004");
        archived.add("000000020000000000000005");
        archived.add("000000020000000000000006");
        archived.add(LAST);
    }

    /** One worker may have fetched the last one while the other is still at the first. */
    private void awaitAll() {
        await().until(() ->
                archived.stream().allMatch(name -> Files.exists(workspace.wal().resolve(name))));
    }

    /** As the shim asks: a request that is seen is whole. */
    private void ask(String name, String request) throws IOException {
        Path fresh = Files.writeString(workspace.want().resolve("." + name), request);
        Files.move(fresh, workspace.want().resolve(name));
    }

    private boolean fetch(String name, Path into) throws IOException {
        if (away) {
            throw new RecoveryFailure(FailureCode.OBJECT_STORE_UNREACHABLE, "away", "wait");
        }
        if (!archived.contains(name)) {
            return false;
        }
        hollow(into);
        return true;
    }

    private static void hollow(Path segment) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(SIZE.bytes());
        }
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(60, TimeUnit.SECONDS);
    }
}
