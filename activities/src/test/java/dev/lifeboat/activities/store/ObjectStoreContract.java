package dev.lifeboat.activities.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every object store of ours does, the one in memory and those behind a network. */
public abstract class ObjectStoreContract {

    private static final int PART = 16 * 1024 * 1024;

    /** Empty, or holding only what this test has put there; it keeps the versions of its objects. */
    protected abstract ObjectStore store();

    @Test
    void anObjectIsReadAsItWasWritten() throws IOException {
        byte[] content = random(300_000);

        store().put("a/b.bin", content);

        assertThat(store().readAll("a/b.bin")).isEqualTo(content);
        try (InputStream stream = store().read("a/b.bin")) {
            assertThat(stream.readAllBytes()).isEqualTo(content);
        }
        assertThat(store().head("a/b.bin")).contains(new StoredObject("a/b.bin", 300_000));
    }

    @Test
    void anEmptyObjectIsAnObject() {
        store().put("empty", new byte[0]);

        assertThat(store().readAll("empty")).isEmpty();
        assertThat(store().head("empty")).contains(new StoredObject("empty", 0));
    }

    @Test
    void aSecondPutReplacesTheFirst() {
        store().put("report.json", text("first, and longer"));
        store().put("report.json", text("second"));

        assertThat(store().readAll("report.json")).isEqualTo(text("second"));
    }

    @Test
    void whatWasNeverOverwrittenHasNoEarlierVersion() {
        store().put("once", text("a"));

        assertThat(store().earlierVersions("once")).isEmpty();
        assertThat(store().earlierVersions("never")).isEmpty();
    }

    @Test
    void whatWasOverwrittenOrRemovedCanStillBeRead() throws IOException {
        store().put("v", text("first"));
        store().put("v", text("second"));
        store().put("v-below", text("another"));
        store().put("v", text("third"));

        List<ObjectStore.Version> versions = store().earlierVersions("v");

        assertThat(versions).hasSize(2);
        try (InputStream newest = store().read("v", versions.get(0));
                InputStream oldest = store().read("v", versions.get(1))) {
            assertThat(newest).hasBinaryContent(text("second"));
            assertThat(oldest).hasBinaryContent(text("first"));
        }
        store().delete("v");
        assertThat(store().earlierVersions("v")).hasSize(3);
    }

    @Test
    void keysMayHoldWhatFileNamesHold() {
        String key = "evidence/pitr-recovery/main.into-5499/20260822T091500Z_01/steps/a b+c%20=é.log";

        store().put(key, text("x"));

        assertThat(store().readAll(key)).isEqualTo(text("x"));
        assertThat(store().list("evidence/")).extracting(StoredObject::key).containsExactly(key);
    }

    @Test
    void aChangeIsMadeToWhatIsThereAndToNothingElse() {
        store().put("manifest.json", text("first"));

        assertThat(store().change("manifest.json", before -> Optional.of(text(string(before) + ", second"))))
                .isTrue();
        assertThat(store().change("manifest.json", before -> Optional.empty())).isTrue();
        assertThat(store().change("nothing", before -> Optional.of(text("made"))))
                .isFalse();

        assertThat(store().readAll("manifest.json")).isEqualTo(text("first, second"));
        assertThat(store().head("nothing")).isEmpty();
    }

    /** Who changes at the same moment is not overwritten: the change is made to what he wrote. */
    @Test
    void aChangeIsMadeAnewWhenSomebodyElseWasFaster() {
        store().put("manifest.json", text("first"));
        AtomicInteger asked = new AtomicInteger();

        boolean there = store().change("manifest.json", before -> {
            if (asked.incrementAndGet() == 1) {
                store().put("manifest.json", text("another"));
            }
            return Optional.of(text(string(before) + ", changed"));
        });

        assertThat(there).isTrue();
        assertThat(store().readAll("manifest.json")).isEqualTo(text("another, changed"));
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatIsRemovedWhileItIsChangedIsNotMadeAgain() {
        store().put("manifest.json", text("first"));

        boolean there = store().change("manifest.json", before -> {
            store().delete("manifest.json");
            return Optional.of(text("again"));
        });

        assertThat(there).isFalse();
        assertThat(store().head("manifest.json")).isEmpty();
    }

    private static String string(byte[] content) {
        return new String(content, UTF_8);
    }

    @Test
    void anObjectThatIsNotThereIsMissingAndNotUnreachable() {
        assertThat(store().head("nothing")).isEmpty();
        assertFails(FailureCode.OBJECT_MISSING, () -> store().readAll("nothing"));
        assertFails(FailureCode.OBJECT_MISSING, () -> store().read("nothing"));
    }

    @Test
    void onlyTheFirstPutIfAbsentWins() {
        assertThat(store().putIfAbsent("leases/main/000001.json", text("ana"))).isTrue();
        assertThat(store().putIfAbsent("leases/main/000001.json", text("ben"))).isFalse();

        assertThat(store().readAll("leases/main/000001.json")).isEqualTo(text("ana"));
    }

    @Test
    void aPutIfAbsentWhoseAnswerWasLostMayBeRepeated() {
        assertThat(store().putIfAbsent("leases/main/000001.json", text("ana"))).isTrue();

        assertThat(store().putIfAbsent("leases/main/000001.json", text("ana"))).isTrue();
    }

    @Test
    void ofManyWritersAtOnceOneWins() throws Exception {
        List<Callable<Boolean>> writers = IntStream.range(0, 16)
                .<Callable<Boolean>>mapToObj(
                        number -> () -> store().putIfAbsent("leases/main/000007.json", text("writer " + number)))
                .toList();

        List<Boolean> won = atOnce(writers);

        assertThat(won).containsOnlyOnce(true);
        assertThat(store().readAll("leases/main/000007.json")).isEqualTo(text("writer " + won.indexOf(true)));
    }

    @Test
    void aListIsWholeAndInOrderBeyondOnePageOfAThousand() throws Exception {
        List<Callable<Boolean>> puts = IntStream.range(0, 2_050)
                .<Callable<Boolean>>mapToObj(number -> () -> {
                    store().put("wal/%08d.zst".formatted(2_049 - number), text("w"));
                    return true;
                })
                .toList();
        atOnce(puts);

        List<String> keys = store().list("wal/").stream().map(StoredObject::key).toList();

        assertThat(keys)
                .isEqualTo(IntStream.range(0, 2_050)
                        .mapToObj("wal/%08d.zst"::formatted)
                        .toList());
    }

    @Test
    void aListHoldsWhatIsBelowThePrefixAndNothingElse() {
        store().put("base/main/1", text("abc"));
        store().put("base/main/x/2", text("de"));
        store().put("base/other/3", text("f"));

        assertThat(store().list("base/main/"))
                .containsExactly(new StoredObject("base/main/1", 3), new StoredObject("base/main/x/2", 2));
        assertThat(store().list("nothing/")).isEmpty();
    }

    @Test
    void aListTellsWhenEachObjectWasWritten() {
        Instant before = store().clock().orElseThrow().minusSeconds(2);
        store().put("wal/1.zst", text("abc"));

        assertThat(store().listWritten("wal/")).singleElement().satisfies(object -> {
            assertThat(object.key()).isEqualTo("wal/1.zst");
            assertThat(object.size()).isEqualTo(3);
            assertThat(object.at()).isBetween(before, before.plusSeconds(60));
        });
    }

    @Test
    void manyObjectsAreRemovedAtOnceAndThoseThatAreNotThereAreNoError() {
        List<String> keys =
                IntStream.range(0, 1_100).mapToObj("gone/é %d"::formatted).toList();
        keys.subList(0, 3).forEach(key -> store().put(key, text("x")));
        store().put(keys.get(1_099), text("x"));
        store().put("stays", text("x"));

        ObjectStore.Deletion done = store().deleteAll(keys);

        assertThat(done.refused()).isEmpty();
        assertThat(store().list("")).extracting(StoredObject::key).containsExactly("stays");
        assertThat(store().deleteAll(List.of()).refused()).isEmpty();
    }

    @Test
    void foldersAreNamedWithoutSlashesAndFilesAreNone() {
        store().put("base/main/7600/20260822T013000Z/manifest.json", text("m"));
        store().put("base/main/7600/20260823T013000Z/manifest.json", text("m"));
        store().put("base/main/7600/note.txt", text("n"));

        assertThat(store().listFolders("base/main/7600/")).containsExactly("20260822T013000Z", "20260823T013000Z");
        assertThat(store().listFolders("base/nobody/")).isEmpty();
    }

    @Test
    void deletingTwiceIsNoError() {
        store().put("gone", text("x"));

        store().delete("gone");
        store().delete("gone");

        assertThat(store().head("gone")).isEmpty();
    }

    @Test
    void anUploadAppearsWhenItIsCompleteAndNotBefore() throws IOException {
        byte[] content = random(2 * PART + 12_345);

        try (Upload upload = store().upload("chunks/000001.tar.zst")) {
            writeInPieces(upload, content);
            assertThat(store().head("chunks/000001.tar.zst")).isEmpty();

            Upload.Uploaded stored = upload.complete();

            assertThat(stored).isEqualTo(new Upload.Uploaded("chunks/000001.tar.zst", content.length, sha256(content)));
        }
        assertThat(store().readAll("chunks/000001.tar.zst")).isEqualTo(content);
    }

    @Test
    void uploadsOfEverySizeAroundOnePartAreWhole() throws IOException {
        for (int size : new int[] {0, 1, PART - 1, PART, PART + 1}) {
            byte[] content = random(size);
            try (Upload upload = store().upload("sizes/" + size)) {
                upload.write(content);

                assertThat(upload.complete().size()).isEqualTo(size);
            }
            assertThat(sha256(store().readAll("sizes/" + size)))
                    .as("size %d", size)
                    .isEqualTo(sha256(content));
        }
    }

    @Test
    void anUploadClosedWithoutCompleteLeavesNothing() throws IOException {
        for (int size : new int[] {10, PART + 10}) {
            try (Upload upload = store().upload("broken/" + size)) {
                upload.write(random(size));
            }
        }

        assertThat(store().list("broken/")).isEmpty();
    }

    @Test
    void anUploadThatEndedTakesNothingMore() throws IOException {
        try (Upload upload = store().upload("done")) {
            upload.write(text("all"));
            upload.complete();

            assertThatIllegalStateException().isThrownBy(() -> upload.write(text("more")));
            assertThatIllegalStateException().isThrownBy(upload::complete);
        }
        assertThat(store().readAll("done")).isEqualTo(text("all"));
    }

    @Test
    void whatAKilledProcessHadUploadedCanBeDiscarded() throws IOException {
        try (Upload abandoned = store().upload("base/killed");
                Upload other = store().upload("other/alive")) {
            abandoned.write(random(2 * PART));
            other.write(random(2 * PART));

            store().discardUploads("base/killed");

            assertThatThrownBy(() -> {
                        abandoned.write(random(2 * PART));
                        abandoned.complete();
                    })
                    .isInstanceOf(RuntimeException.class);
            other.complete();
        }
        assertThat(store().list("")).extracting(StoredObject::key).containsExactly("other/alive");
    }

    @Test
    void manyUploadsAtOnceDoNotMixTheirBytes() throws Exception {
        List<Callable<Boolean>> uploads = IntStream.range(0, 4)
                .<Callable<Boolean>>mapToObj(number -> () -> {
                    byte[] content = random(PART + number);
                    try (Upload upload = store().upload("parallel/" + number)) {
                        writeInPieces(upload, content);
                        return upload.complete().sha256().equals(sha256(content))
                                && sha256(store().readAll("parallel/" + number)).equals(sha256(content));
                    }
                })
                .toList();

        assertThat(atOnce(uploads)).containsOnly(true);
    }

    private static void writeInPieces(Upload upload, byte[] content) throws IOException {
        int piece = 100_003;
        for (int offset = 0; offset < content.length; offset += piece) {
            upload.write(content, offset, Math.min(piece, content.length - offset));
        }
    }

    protected static <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(16, tasks.size()));
        CountDownLatch gun = new CountDownLatch(1);
        try {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> task : tasks) {
                running.add(threads.submit(() -> {
                    gun.await();
                    return task.call();
                }));
            }
            gun.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void itsClockIsToldToTheSecond() {
        Instant before = Instant.now().minusSeconds(2);

        assertThat(store().clock()).hasValueSatisfying(time -> assertThat(time)
                .isBetween(before, Instant.now().plusSeconds(2)));
    }

    protected static void assertFails(FailureCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    protected static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    protected static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    protected static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
