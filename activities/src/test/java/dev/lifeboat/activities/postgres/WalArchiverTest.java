package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs no server; the rest is in {@code WalArchivingIT}. */
class WalArchiverTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** As after the start of a worker whose predecessor had not ended yet, on a cluster in which nobody writes. */
    @Test
    void aFailureThatIsOverIsToldNoLongerAlthoughNothingIsThereToArchive() throws Exception {
        Files.createDirectories(folder.resolve("data/pg_wal/archive_status"));
        ClusterAccess access = new ClusterAccess(cluster(), new InMemoryObjectStore(), fence -> {}, Map.of(), "1@here");
        Path lock = access.folder().archiverLock();
        FileTrees.makePrivate(Objects.requireNonNull(lock.getParent()), access.user());
        WorkspaceLock other = WorkspaceLock.take(lock, access.user());
        try (WalArchiver archiver = new WalArchiver(access)) {
            archiver.start();
            Awaitility.await().atMost(LIMIT).until(() -> archiver.status().lastError() != null);
            assertThat(archiver.status().active()).isFalse();

            other.close();

            Awaitility.await().atMost(LIMIT).until(() -> archiver.status().active());
            Awaitility.await("the failure to be over")
                    .atMost(LIMIT)
                    .until(() -> archiver.status().lastError() == null);
        }
    }

    private PostgresCluster cluster() {
        return ClusterOfTest.in(folder.resolve("data"), folder);
    }
}
