package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class BaseBackupIT {

    private static final long SMALL_CHUNKS = 4 << 20;

    private static BackupWorld world;

    @BeforeAll
    static void start() throws IOException {
        world = BackupWorld.start("");
        world.server.execute(
                "create table item as select n, repeat('x', 500) as text from generate_series(1, 20000) n",
                "checkpoint");
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void emptyBucket() {
        world.store.list("").forEach(object -> world.store.delete(object.key()));
    }

    @Test
    void aBackupUnpacksWithZstdAndTarAloneToWhatPostgresqlCallsIntact() throws Exception {
        BaseBackupManifest manifest = take("run-1");

        Path target = Files.createDirectory(world.folder.resolve("unpacked"));
        for (Chunk chunk : manifest.allChunks()) {
            Path file = world.folder.resolve("chunk");
            Files.write(file, world.store.readAll(key(manifest, chunk)));
            shell("zstd -dc " + file + " | tar x -C " + target);
        }

        assertThat(manifest.allChunks()).hasSizeGreaterThan(3);
        assertThat(target.resolve("backup_label")).content().contains("lifeboat " + manifest.id());
        assertThat(shell(world.server.binDirectory().resolve("pg_verifybackup") + " -n -i lifeboat-outside " + target))
                .contains("successfully verified");
        assertThat(target.resolve(manifest.outside().get(0).entry())).exists();
    }

    @Test
    void theControlFileLiesInTheLastChunkAndEveryFileInOne() throws Exception {
        BaseBackupManifest manifest = take("run-1");

        List<String> files = manifest.allChunks().stream()
                .flatMap(chunk -> chunk.files().stream())
                .toList();
        Chunk last = manifest.allChunks().get(manifest.allChunks().size() - 1);
        assertThat(last.files()).contains(BaseBackupManifest.CONTROL_FILE, BaseBackupManifest.BACKUP_MANIFEST);
        assertThat(files).doesNotHaveDuplicates();
        assertThat(manifest.endLsn()).isGreaterThan(manifest.startLsn());
        assertThat(new BaseBackupCatalog(world.store, "main").backups(manifest.systemId()))
                .containsExactly(manifest.toBackup());
    }

    /** Spread over half of checkpoint_timeout, the default, it would keep a person waiting for minutes. */
    @Test
    void theCheckpointThatABackupBeginsWithIsAFastOne() throws Exception {
        int before = Files.readAllLines(world.server.log()).size();

        take("run-1");

        assertThat(Files.readAllLines(world.server.log()).stream()
                        .skip(before)
                        .filter(line -> line.contains("checkpoint starting:") && line.contains("force")))
                .isNotEmpty()
                .allMatch(line -> line.contains("immediate"));
    }

    @Test
    void aSecondCallOfTheSameRunReturnsTheFinishedBackup() throws Exception {
        BaseBackupManifest first = take("run-1");
        BaseBackupManifest second = take("run-1");

        assertThat(second).isEqualTo(first);
    }

    @Test
    void whatAKilledBackupLeftIsClearedByTheNextOne() throws Exception {
        String leftover = BucketLayout.chunk("main", world.systemId(), "20200101T000000Z", 1);
        world.store.put(leftover, new byte[] {1});

        take("run-2");

        assertThat(world.store.head(leftover)).isEmpty();
    }

    @Test
    void readingBackNamesTheDamagedChunkAndWhatItHolds() throws Exception {
        BaseBackupManifest manifest = take("run-1");
        Chunk chunk = manifest.allChunks().get(1);
        byte[] bytes = world.store.readAll(key(manifest, chunk));
        bytes[bytes.length / 2] ^= 1;
        world.store.put(key(manifest, chunk), bytes);

        BackupReadBack readBack = new BackupReadBack(world.access().backups(), manifest);

        assertThatThrownBy(() -> readBack.readBack(seen -> {}))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.BACKUP_DAMAGED))
                .hasMessageContaining("000002.tar.zst")
                .hasMessageContaining(chunk.files().get(0));
    }

    @Test
    void anUndamagedBackupReadsBack() throws Exception {
        BaseBackupManifest manifest = take("run-1");

        var check = new BackupReadBack(world.access().backups(), manifest).readBack(seen -> {});

        assertThat(check.observed()).isEqualTo(manifest.allChunks().size() + " chunks as in the manifest");
    }

    @Test
    void aRunThatWasFencedOutWritesNothing() throws Exception {
        assertThatThrownBy(() -> new BaseBackupTaker(
                                new ClusterAccess(
                                        world.server.config(),
                                        world.store,
                                        fence -> {
                                            throw new RecoveryFailure(FailureCode.FENCED_OUT, "newer", "");
                                        },
                                        Map.of(),
                                        "1@here"),
                                BackupWorld.FENCE,
                                BackupWorld.NOBODY,
                                SMALL_CHUNKS)
                        .take())
                .isInstanceOf(RecoveryFailure.class);
        assertThat(world.store.list("")).isEmpty();
    }

    private static BaseBackupManifest take(String runId) throws Exception {
        return new BaseBackupTaker(
                        world.access(),
                        new dev.lifeboat.workflows.domain.Fence("main", 1, runId),
                        BackupWorld.NOBODY,
                        SMALL_CHUNKS)
                .take();
    }

    private static String key(BaseBackupManifest manifest, Chunk chunk) {
        return world.access().backups().chunkKey(manifest, chunk);
    }

    private static String shell(String command) {
        return Commands.require(new ServerUser(null), List.of("sh", "-c", command), Map.of(), Duration.ofMinutes(1));
    }
}
