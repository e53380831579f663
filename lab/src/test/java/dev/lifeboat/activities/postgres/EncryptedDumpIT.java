package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.TestKeys;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps that nobody reads without a private key: read back by whom has one or none, and damaged in every way. */
@Tag("any-engine")
class EncryptedDumpIT {

    private static final int HEADER = 4096;

    private static DumpWorld world;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair pair;

    @BeforeAll
    static void start() throws IOException, SQLException {
        world = DumpWorld.start();
        world.execute(
                "shop",
                "create table item (id bigserial primary key, text text)",
                "insert into item (text) select md5(n::text) from generate_series(1, 5000) n");
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void emptyBucketAndNewKeys() {
        world.keys().forEach(world.store()::delete);
        pair = TestKeys.pair(folder, "backup");
        world.store().encryptWith(TestKeys.of(List.of(pair), pair));
    }

    @Test
    void archiveAndGlobalsAreEncryptedAndTheManifestIsNot() throws Exception {
        DumpManifest dump = world.dump("shop", "run-1");

        assertThat(world.keys())
                .containsExactlyInAnyOrder(
                        BucketLayout.dump("main", dump.id()) + ".enc",
                        BucketLayout.dumpGlobals("main", dump.id()) + ".enc",
                        BucketLayout.dumpManifest("main", dump.id()),
                        BucketLayout.RESTORE_PAGE,
                        BucketLayout.RESTORE_SCRIPT);
        assertThat(world.store().readAll(dump.archive().key()))
                .hasSize((int) dump.archive().storedBytes());
        assertThat(verify(dump)).hasSize(3).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void aHostWithPublicKeysDumpsAndReadsBackAsMuchAsItCan() throws Exception {
        world.store().encryptWith(TestKeys.of(List.of(pair), null));

        DumpManifest dump = world.dump("shop", "run-1");

        assertThat(verify(dump))
                .extracting(Check::name, Check::verdict)
                .containsExactly(
                        tuple("shop: archive and globals read back", Verdict.PASS),
                        tuple("shop: table of contents", Verdict.NOT_MEASURED),
                        tuple("shop: globals", Verdict.NOT_MEASURED));
        assertThat(verify(dump).get(1).observed()).contains("only public keys");
        damage(dump, stored -> flipped(stored, stored.length / 2));
        assertThatThrownBy(() -> verify(dump))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.BACKUP_DAMAGED))
                .hasMessageContaining(dump.archive().key());
        world.store().delete(dump.archive().key());
        assertThatThrownBy(() -> verify(dump)).hasMessageContaining("the store has no such object");
    }

    /** Each by itself, where it is read back after the dump, and where it is put down before a restore. */
    @Test
    void whateverIsDoneToItIsToldByItsNameBeforeAnythingOfItIsGivenToARestore() throws Exception {
        DumpManifest dump = world.dump("shop", "run-1");
        DumpManifest other = world.dump("postgres", "run-2");
        byte[] right = world.store().readAll(dump.archive().key());
        byte[] others = world.store().readAll(other.archive().key());
        Map<FailureCode, UnaryOperator<byte[]>> damages = Map.of(
                FailureCode.HEADER_ALTERED, stored -> flipped(stored, 200),
                FailureCode.OBJECT_ALTERED, stored -> flipped(stored, HEADER + 60),
                FailureCode.OBJECT_TRUNCATED, stored -> Arrays.copyOf(stored, stored.length - 20),
                FailureCode.OBJECT_SWAPPED, stored -> others);

        for (Map.Entry<FailureCode, UnaryOperator<byte[]>> each : damages.entrySet()) {
            world.store().put(dump.archive().key(), each.getValue().apply(right.clone()));
            assertRefused(dump, each.getKey());
        }
        world.store().put(dump.archive().key(), right);
        PrivateKey.Pair stranger = TestKeys.pair(folder, "stranger");
        world.store().encryptWith(TestKeys.of(List.of(pair), stranger));
        assertRefused(dump, FailureCode.WRONG_KEY);
        world.store().encryptWith(TestKeys.of(List.of(pair), pair));
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    private void assertRefused(DumpManifest dump, FailureCode code) throws IOException {
        assertThatThrownBy(() -> verify(dump))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(code))
                .hasMessageContaining(dump.archive().key());
        Path spool = folder.resolve("spool");
        assertThatThrownBy(() -> new DumpSpool(spool, new ServerUser(null)).fetch(source(dump), BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(code));
        try (Stream<Path> files = Files.list(spool)) {
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("archive.part");
        }
    }

    private static DumpSource source(DumpManifest dump) {
        ClusterAccess access = world.access(DumpWorld.PATIENT);
        DumpManifest.Stored archive = dump.archive();
        return new DumpSource.InBucket(
                access.data(), archive.key(), archive.key(), archive.sha256(), archive.storedBytes());
    }

    private static void damage(DumpManifest dump, UnaryOperator<byte[]> change) {
        String key = dump.archive().key();
        world.store().put(key, change.apply(world.store().readAll(key)));
    }

    private static byte[] flipped(byte[] bytes, int at) {
        bytes[at] ^= 1;
        return bytes;
    }

    private static List<Check> verify(DumpManifest dump) throws IOException, InterruptedException {
        return new DumpVerification(world.access(DumpWorld.PATIENT), dump, BackupWorld.NOBODY).checks();
    }
}
