package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Twelve days of backups of which the last five, and the one that leads to them, stay; in a bucket in memory. */
class BackupExpiryTest {

    private static final Instant NOW = Instant.parse("2026-03-31T12:00:00Z");
    private static final int DAYS = 12;

    /** Those of the last five days and the last one before; of dumps the newest two. */
    private static final int KEPT_BASE_BACKUPS = 6;

    private InMemoryObjectStore memory = new InMemoryObjectStore();
    private RetentionBucket bucket = new RetentionBucket(memory, NOW);

    @BeforeEach
    void fill() {
        memory = new InMemoryObjectStore();
        bucket = filled(memory);
    }

    private static RetentionBucket filled(InMemoryObjectStore memory) {
        RetentionBucket bucket = new RetentionBucket(memory, NOW);
        bucket.fill(DAYS, 2, memory::setClock);
        memory.setClock(NOW.plusSeconds(61));
        return bucket;
    }

    /** What the bucket holds when all has gone that goes. */
    private TreeSet<String> expected() {
        TreeSet<String> keys = bucket.keys();
        for (int before = KEPT_BASE_BACKUPS; before < DAYS; before++) {
            String folder = BucketLayout.baseBackup("main", RetentionBucket.SYSTEM, bucket.baseBackupId(before));
            keys.removeIf(key -> key.startsWith(folder));
        }
        for (int before = 2; before < DAYS; before++) {
            String prefix = BucketLayout.dumps("main") + bucket.dumpId(before) + ".";
            keys.removeIf(key -> key.startsWith(prefix));
        }
        int firstNeeded = RetentionBucket.firstSegment(DAYS, KEPT_BASE_BACKUPS - 1);
        IntStream.range(0, firstNeeded)
                .forEach(number -> keys.remove(
                        BucketLayout.walFile("main", RetentionBucket.SYSTEM, RetentionBucket.segment(number))));
        return keys;
    }

    @Test
    void exactlyWhatThePlanSaysGoesAndASecondTimeNothing() {
        TreeSet<String> expected = expected();
        Expiry plan = bucket.expiry().plan();
        TreeSet<String> untouched = bucket.keys();

        Expiry done = bucket.expire();

        assertThat(plan.applied()).isFalse();
        assertThat(untouched).hasSizeGreaterThan(expected.size());
        assertThat(bucket.keys()).isEqualTo(expected);
        assertThat(done.gone()).containsExactlyInAnyOrderElementsOf(plan.gone());
        assertThat(done.gone()).extracting(Item::kind).containsOnly("base-backup", "dump", "wal");
        assertThat(done.blocked()).isEmpty();
        assertThat(bucket.expire().gone()).isEmpty();
        assertThat(bucket.keys()).isEqualTo(expected);
    }

    @Test
    void theListOfWhatWentIsKeptInTheEvidenceOfItsRun() {
        Expiry done = bucket.expire();

        assertThat(done.evidence()).endsWith("evidence/expire/main/20260331T120000Z_run-e/expired-1.json");
        assertThat(text("evidence/expire/main/20260331T120000Z_run-e/expired-1.json"))
                .contains(
                        "\"toGo\"",
                        "\"done\"",
                        bucket.baseBackupId(10),
                        bucket.dumpId(10),
                        "recovery window of 5 days");
    }

    @Test
    void aRunThatMadeADumpLetsOnlyDumpsGo() {
        bucket.expire(Scope.DUMPS);

        assertThat(bucket.expiry().plan().gone())
                .extracting(Item::kind)
                .contains("base-backup", "wal")
                .doesNotContain("dump");
    }

    @Test
    void whatProvesABackupThatGoesGoesWithItAndTheNewestProvedStays() {
        bucket.proveBaseBackup(11);
        bucket.proveBaseBackup(9);

        bucket.expire();

        assertThat(bucket.keys())
                .contains(bucket.baseBackupManifest(9))
                .noneMatch(key -> key.contains(bucket.baseBackupId(11)));
    }

    @Test
    void aPinnedBackupStaysWithTheWalThatFollowsIt() {
        bucket.access().pins().apply(pin(bucket.baseBackupId(10), true));
        bucket.access().pins().apply(pin(bucket.dumpId(8), true));

        bucket.expire();

        assertThat(bucket.keys())
                .contains(
                        bucket.baseBackupManifest(10),
                        bucket.dumpManifest(8),
                        BucketLayout.walFile(
                                "main",
                                RetentionBucket.SYSTEM,
                                RetentionBucket.segment(RetentionBucket.firstSegment(DAYS, 10))))
                .doesNotContain(bucket.baseBackupManifest(11), bucket.baseBackupManifest(9));
    }

    @Test
    void whileARunRestoresNothingGoesAndWhatAKilledAttemptMarkedIsABackupAgain() {
        new ExpiryMarks(memory).set(bucket.baseBackupManifest(10), NOW);
        new ExpiryMarks(memory).set(bucket.dumpManifest(10), NOW);
        TreeSet<String> before = bucket.keys();
        bucket.held.add(bucket.holder("pitr-recovery/main/drill"));

        Expiry done = bucket.expire();

        assertThat(done.blocked())
                .singleElement()
                .asString()
                .contains("pitr-recovery/main/drill", "lease 3 of main.drill");
        assertThat(done.gone()).isEmpty();
        assertThat(bucket.keys()).isEqualTo(before);
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(DAYS);
        assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(DAYS);
    }

    /** As when the configuration was widened after an attempt was killed. */
    @Test
    void whatIsMarkedAndStaysIsABackupAgainAlsoWhereNothingElseGoes() {
        bucket.expire();
        new ExpiryMarks(memory).set(bucket.baseBackupManifest(3), NOW);
        new ExpiryMarks(memory).set(bucket.dumpManifest(1), NOW);

        assertThat(bucket.expire().gone()).isEmpty();

        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(KEPT_BASE_BACKUPS);
        assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(2);
    }

    @Test
    void aRunThatMakesABackupHoldsNothingBack() {
        bucket.held.add(bucket.holder("daily-dump/main"));
        bucket.held.add(bucket.holder("base-backup/main"));

        assertThat(bucket.expire().gone()).isNotEmpty();
    }

    /** A dump can be restored by its address into another cluster, whose lease that run holds then. */
    @Test
    void aRestoreIntoAnotherClusterHoldsEverythingAndItsRecoveryDoesNot() {
        TreeSet<String> before = bucket.keys();
        bucket.held.add(new Leases.Held("staging", 4, "dump-restore/staging.shop", "run-s", NOW));
        assertNothingGoes("dump-restore/staging.shop");
        assertThat(bucket.keys()).isEqualTo(before);
        bucket.held.clear();
        bucket.held.add(new Leases.Held("staging", 5, "pitr-recovery/staging", "run-t", NOW));
        bucket.held.add(new Leases.Held("mainly", 5, "pitr-recovery/mainly", "run-t", NOW));

        assertThat(bucket.expire().gone()).isNotEmpty();
    }

    /** What an attempt that was killed had marked may be what somebody needs in place of what is damaged. */
    @Test
    void aLeaseOfThisClusterThatNobodyCanReadHoldsEverything() {
        for (String target : List.of("main", "main.daily-dump", "main/drill")) {
            bucket.unreadable.add(target);
            assertNothingGoes("lease of " + target);
            bucket.unreadable.clear();
        }
    }

    /** Its run may be a restore of one of our dumps, and nothing else of ours. */
    @Test
    void aLeaseOfAnotherClusterThatNobodyCanReadHoldsTheDumpsOnly() {
        TreeSet<String> expected = expected();
        bucket.keys().stream()
                .filter(key -> key.startsWith(BucketLayout.dumps("main")))
                .forEach(expected::add);
        bucket.unreadable.add("staging");

        Expiry done = bucket.expire();

        assertThat(done.blocked()).isEmpty();
        assertThat(bucket.keys()).isEqualTo(expected);
        assertThat(done.kept())
                .filteredOn(item -> item.id().equals(bucket.dumpId(9)))
                .singleElement()
                .extracting(Item::why)
                .asString()
                .contains("lease of staging");
        assertThat(done.notes()).anyMatch(note -> note.contains("lease of staging"));
        bucket.unreadable.clear();
        assertThat(bucket.expire().gone()).isNotEmpty();
    }

    @Test
    void aLeaseOfWhatIsPartOfAnotherClusterHoldsNothing() {
        TreeSet<String> expected = expected();
        bucket.unreadable.addAll(List.of("staging.daily-dump", "staging.verification", "staging/drill"));

        bucket.expire();

        assertThat(bucket.keys()).isEqualTo(expected);
    }

    /** It becomes unreadable when everything is marked and nothing is deleted yet. */
    @Test
    void aLeaseThatBecomesUnreadableMeanwhileHoldsTheDumpsToo() {
        TreeSet<String> dumps = new TreeSet<>(bucket.keys());
        dumps.removeIf(key -> !key.startsWith(BucketLayout.dumps("main")));
        ObjectStore watched = proxy(
                memory,
                (name, arguments) -> {
                    if (name.equals("deleteAll")) {
                        bucket.unreadable.add("staging");
                    }
                },
                (name, arguments) -> {});

        Expiry done = bucket.through(watched).expiry().apply(bucket.order(Scope.ALL), "run-e");

        assertThat(done.gone()).extracting(Item::kind).contains("base-backup", "wal");
        assertThat(bucket.access().dumps().manifests(unreadable -> {}))
                .as("all but the one that went before that")
                .hasSizeGreaterThanOrEqualTo(DAYS - 1);
        assertThat(done.notes()).anyMatch(note -> note.contains("lease of staging"));
        assertThat(dumps).isNotEmpty();
    }

    @Test
    void whileSomethingCannotBeUnderstoodWhatIsMarkedIsABackupAgain() {
        new ExpiryMarks(memory).set(bucket.baseBackupManifest(10), NOW);
        new ExpiryMarks(memory).set(bucket.dumpManifest(10), NOW);
        memory.put(bucket.baseBackupManifest(0), new byte[] {'x'});

        assertNothingGoes("not all of the catalogue can be read");

        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM))
                .extracting(BaseBackupManifest::id)
                .contains(bucket.baseBackupId(10));
        assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(DAYS);
    }

    /** It was pinned at the first look and so is not marked; at the second it may go, and its WAL with it, but for itself. */
    @Test
    void whatBecomesFreeBetweenTheLooksStaysWithItsWalUntilTheNextRun() {
        bucket.access().pins().apply(pin(bucket.baseBackupId(10), true));
        int marks = 2 * DAYS - KEPT_BASE_BACKUPS - 2 - 1;
        ObjectStore watched = after(marks, () -> bucket.access().pins().apply(pin(bucket.baseBackupId(10), false)));

        bucket.through(watched).expiry().apply(bucket.order(Scope.ALL), "run-e");

        assertThat(bucket.access().pins().backups()).isEmpty();
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(KEPT_BASE_BACKUPS + 1);
        everyBackupThatIsShownIsWhole(bucket);
        bucket.expire();
        assertThat(bucket.keys()).isEqualTo(expected());
    }

    @Test
    void whatIsNotAllThereTakesNoOthersPlace() {
        memory.delete(BucketLayout.chunk("main", RetentionBucket.SYSTEM, bucket.baseBackupId(0), 2));
        memory.put(BucketLayout.dump("main", bucket.dumpId(0)), new byte[] {1, 2});
        memory.delete(BucketLayout.dumpGlobals("main", bucket.dumpId(1)));

        Expiry done = bucket.expire();

        assertThat(bucket.access().dumps().manifests(unreadable -> {}))
                .extracting(DumpManifest::id)
                .containsExactly(bucket.dumpId(3), bucket.dumpId(2), bucket.dumpId(1), bucket.dumpId(0));
        assertThat(done.notes())
                .anyMatch(note -> note.contains("base backup " + bucket.baseBackupId(0) + " is not all there"))
                .anyMatch(note -> note.contains("dump " + bucket.dumpId(1) + " is not all there"));
    }

    /** Without names of its own: by the time that the store wrote its objects. */
    @Test
    void whatTheStoreHasHadForLessThanTheGraceTimeStays() {
        memory.setClock(NOW.minus(Duration.ofMinutes(30)));
        bucket.putDump(9);
        memory.setClock(NOW.plusSeconds(61));

        bucket.expire();

        assertThat(bucket.keys()).contains(bucket.dumpManifest(9)).doesNotContain(bucket.dumpManifest(8));
    }

    /** That writes its objects anew, and nothing else of it: it is as old as before. */
    @Test
    void whatWasRewrappedIsAsOldAsItsManifestSays() {
        TreeSet<String> expected = expected();
        for (int before = 2; before < DAYS; before++) {
            memory.put(BucketLayout.dump("main", bucket.dumpId(before)), new byte[] {1, 2, 3});
            memory.put(
                    BucketLayout.chunk("main", RetentionBucket.SYSTEM, bucket.baseBackupId(before), 1),
                    new byte[] {1, 2});
        }

        bucket.expire();

        assertThat(bucket.keys()).isEqualTo(expected);
    }

    /** It takes its lease when everything is marked and nothing is deleted yet. */
    @Test
    void aRestoreThatBeginsMeanwhileKeepsEverything() {
        TreeSet<String> before = bucket.keys();
        ObjectStore watched =
                after(2 * DAYS - KEPT_BASE_BACKUPS - 2, () -> bucket.held.add(bucket.holder("dump-restore/main.shop")));

        Expiry done = bucket.through(watched).expiry().apply(bucket.order(Scope.ALL), "run-e");

        assertThat(done.blocked()).singleElement().asString().contains("dump-restore/main.shop");
        assertThat(bucket.keys()).isEqualTo(before);
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(DAYS);
        assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(DAYS);
    }

    @Test
    void whatIsPinnedOrProvedAfterItWasMarkedIsABackupAgain() {
        int marks = 2 * DAYS - KEPT_BASE_BACKUPS - 2;
        ObjectStore watched = after(marks, () -> {
            memory.put(BucketLayout.pin("main", bucket.dumpId(11)), new byte[] {1});
            bucket.proveBaseBackup(11);
        });

        bucket.through(watched).expiry().apply(bucket.order(Scope.ALL), "run-e");

        assertThat(bucket.access().dumps().manifests(unreadable -> {}))
                .extracting(DumpManifest::id)
                .contains(bucket.dumpId(11))
                .hasSize(3);
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM))
                .extracting(BaseBackupManifest::id)
                .contains(bucket.baseBackupId(11));
        assertThat(bucket.keys())
                .contains(BucketLayout.chunk("main", RetentionBucket.SYSTEM, bucket.baseBackupId(11), 2));
    }

    /** Killed at each act in turn: nothing lies at any moment, and the next run finishes it. */
    @Test
    void whereverItIsKilledNothingLiesAndTheNextRunFinishesIt() {
        TreeSet<String> expected = expected();
        int acts = 0;
        boolean killed = true;
        while (killed) {
            InMemoryObjectStore fresh = new InMemoryObjectStore();
            RetentionBucket other = filled(fresh);
            AtomicInteger left = new AtomicInteger(acts++);
            ObjectStore dying = changing(fresh, () -> {
                if (left.getAndDecrement() == 0) {
                    throw new Killed();
                }
            });
            try {
                other.through(oneByOne(dying)).expiry().apply(other.order(Scope.ALL), "run-e");
                killed = false;
            } catch (Killed e) {
                everyBackupThatIsShownIsWhole(other);
            }

            other.expire();

            assertThat(other.keys()).as("killed at act " + (acts - 1)).isEqualTo(expected);
            assertThat(fresh.list(BucketLayout.baseBackups("main")))
                    .noneMatch(object -> object.key().endsWith("manifest.json")
                            && new String(fresh.readAll(object.key()), StandardCharsets.UTF_8)
                                    .contains("expiringSince"));
        }
        assertThat(acts).isGreaterThan(60);
    }

    private static void everyBackupThatIsShownIsWhole(RetentionBucket bucket) {
        TreeSet<String> keys = bucket.keys();
        for (BaseBackupManifest manifest : bucket.access().backups().manifests(RetentionBucket.SYSTEM)) {
            manifest.allChunks().forEach(chunk -> assertThat(keys)
                    .contains(bucket.access().backups().chunkKey(manifest, chunk)));
            int first = (int)
                    (manifest.startLsn().value() / manifest.walSegmentSize().bytes());
            IntStream.range(first, 3 * DAYS + 3)
                    .mapToObj(RetentionBucket::segment)
                    .forEach(name ->
                            assertThat(keys).contains(BucketLayout.walFile("main", RetentionBucket.SYSTEM, name)));
        }
        for (DumpManifest manifest : bucket.access().dumps().manifests(unreadable -> {})) {
            assertThat(keys)
                    .contains(manifest.archive().key(), manifest.globals().key());
        }
    }

    @Test
    void whatIsNotKnownWholeStopsEverything() {
        String manifest = bucket.baseBackupManifest(0);
        byte[] good = memory.readAll(manifest);
        for (String bad : new String[] {"", "{}", "no manifest", "{\"format\": 1, \"id\""}) {
            memory.put(manifest, bad.getBytes(StandardCharsets.UTF_8));
            assertNothingGoes("not all of the catalogue can be read");
        }
        memory.put(
                manifest,
                new String(good, StandardCharsets.UTF_8)
                        .replace("\"format\" : 1", "\"format\" : 2")
                        .getBytes(StandardCharsets.UTF_8));
        assertNothingGoes("has format 2, and this Lifeboat knows 1 at most");
        memory.put(manifest, good);
        memory.put(bucket.dumpManifest(3), new byte[] {'x'});
        assertNothingGoes(bucket.dumpId(3));
        bucket.putDump(3);
        memory.goAway();
        assertThatThrownBy(bucket::expire).hasMessageContaining("the test has taken the store away");
        memory.comeBack();
        assertThat(bucket.expire().gone()).isNotEmpty();
    }

    @Test
    void clocksThatDisagreeStopEverything() {
        memory.setClock(NOW.plus(Duration.ofDays(400)));
        assertNothingGoes("this host's clock says 2026-03-31T12:01:00Z and the store's 2027-05-05T12:00:00Z");
        memory.setClock(NOW.minus(Duration.ofDays(1)));
        assertNothingGoes("and the store's");
    }

    @Test
    void ofTwoClocksTheEarlierOneDecides() {
        memory.setClock(NOW.plusSeconds(60).minusSeconds(200));

        RetentionFacts facts =
                RetentionFactsReader.read(bucket.access(), Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC));

        assertThat(facts.doubts()).isEmpty();
        assertThat(facts.now()).isEqualTo(NOW.minusSeconds(140));
    }

    @Test
    void whatTheBucketKeepsIsReportedAndTheRestGoes() {
        String locked = BucketLayout.baseBackup("main", RetentionBucket.SYSTEM, bucket.baseBackupId(10));
        memory.lock(locked);
        memory.lock(BucketLayout.walFile("main", RetentionBucket.SYSTEM, RetentionBucket.segment(4)));

        Expiry done = bucket.expire();

        assertThat(done.refused())
                .extracting(Item::id)
                .containsExactlyInAnyOrder(
                        bucket.baseBackupId(10), RetentionBucket.segment(4) + " to " + RetentionBucket.segment(4));
        assertThat(done.refused()).allMatch(item -> item.why().contains("the bucket keeps it"));
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(KEPT_BASE_BACKUPS);
        assertThat(bucket.keys())
                .contains(locked + "manifest.json", locked + "chunks/000001.tar.zst")
                .contains(BucketLayout.walFile("main", RetentionBucket.SYSTEM, RetentionBucket.segment(6)))
                .doesNotContain(BucketLayout.walFile("main", RetentionBucket.SYSTEM, RetentionBucket.segment(5)))
                .doesNotContain(bucket.baseBackupManifest(9), bucket.baseBackupManifest(11));
        memory.unlock();
        bucket.expire();
        assertThat(bucket.keys()).isEqualTo(expected()).noneMatch(key -> key.startsWith(locked));
    }

    @Test
    void whatTheseKeysMayNotDeleteIsABackupAgain() {
        TreeSet<String> before = bucket.keys();
        ObjectStore noDeletion = proxy(
                memory,
                (name, arguments) -> {
                    if (name.startsWith("delete")) {
                        throw new RecoveryFailure(FailureCode.CREDENTIALS_REFUSED, "may not delete", "give it");
                    }
                },
                (name, arguments) -> {});

        assertThatThrownBy(() -> bucket.through(noDeletion).expiry().apply(bucket.order(Scope.ALL), "run-e"))
                .hasMessage("may not delete");

        assertThat(bucket.keys()).isEqualTo(before);
        assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM)).hasSize(DAYS);
        assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(DAYS);
    }

    @Test
    void whatIsKeptAsEarlierVersionsIsSaid() {
        memory.keepVersions();

        assertThat(bucket.expire().notes()).anyMatch(note -> note.contains("as earlier versions"));
    }

    @Test
    void whatANewerLifeboatWroteIntoAManifestSurvivesTheMark() {
        String key = bucket.dumpManifest(10);
        String manifest = text(key).replaceFirst("\\{", "{\n  \"cipher\" : { \"kept\" : true },");
        memory.put(key, manifest.getBytes(StandardCharsets.UTF_8));
        byte[] canonical = memory.readAll(key);

        new ExpiryMarks(memory).set(key, NOW);
        assertThat(text(key)).contains("expiringSince", "\"kept\" : true");
        new ExpiryMarks(memory).lift(key);

        assertThat(text(key).replaceAll("\\s", ""))
                .isEqualTo(new String(canonical, StandardCharsets.UTF_8).replaceAll("\\s", ""));
    }

    /** Two at once, the slower of which has read it before: what is gone does not come back, and nobody's word is lost. */
    @Test
    void aMarkIsSetAndTakenAwayOnlyOfTheManifestThatWasRead() {
        String key = bucket.dumpManifest(10);
        new ExpiryMarks(memory).set(key, NOW);

        new ExpiryMarks(meanwhile(() -> memory.put(
                        key, text(key).replaceFirst("\\{", "{ \"new\" : 1,").getBytes(StandardCharsets.UTF_8))))
                .lift(key);
        assertThat(text(key)).contains("\"new\"").doesNotContain("expiringSince");

        new ExpiryMarks(meanwhile(() -> new ExpiryMarks(memory).set(key, NOW.minusSeconds(60)))).set(key, NOW);
        assertThat(text(key)).contains(NOW.minusSeconds(60).toString());

        new ExpiryMarks(meanwhile(() -> memory.delete(key))).lift(key);
        assertThat(memory.head(key)).as("what is gone stays gone").isEmpty();
    }

    /** The store as one sees it who reads, and then somebody does this before he writes. */
    private ObjectStore meanwhile(Runnable act) {
        AtomicInteger times = new AtomicInteger();
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("change")) {
                            @SuppressWarnings("unchecked")
                            var change = (java.util.function.Function<byte[], java.util.Optional<byte[]>>) arguments[1];
                            return memory.change(String.valueOf(arguments[0]), before -> {
                                if (times.getAndIncrement() == 0) {
                                    act.run();
                                }
                                return change.apply(before);
                            });
                        }
                        if (method.getName().equals("put") && times.getAndIncrement() == 0) {
                            act.run();
                        }
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void assertNothingGoes(String why) {
        TreeSet<String> before = bucket.keys();

        Expiry done = bucket.expire();

        assertThat(done.blocked()).anyMatch(sentence -> sentence.contains(why));
        assertThat(done.gone()).isEmpty();
        assertThat(bucket.keys()).isEqualTo(before);
    }

    private static PinOrder pin(String backup, boolean pinned) {
        return new PinOrder("main", backup, pinned, "ana");
    }

    private String text(String key) {
        return new String(memory.readAll(key), StandardCharsets.UTF_8);
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Runs something after so many manifests were written. */
    private ObjectStore after(int writes, Runnable act) {
        AtomicInteger left = new AtomicInteger(writes);
        return proxy(memory, (name, arguments) -> {}, (name, arguments) -> {
            boolean mark = name.equals("change") && String.valueOf(arguments[0]).endsWith("manifest.json");
            if (mark && left.decrementAndGet() == 0) {
                act.run();
            }
        });
    }

    private static ObjectStore changing(ObjectStore real, Runnable before) {
        return proxy(
                real,
                (name, arguments) -> {
                    if (name.equals("change") || name.startsWith("put") || name.startsWith("delete")) {
                        before.run();
                    }
                },
                (name, arguments) -> {});
    }

    /** So that a kill can fall between two objects of one call. */
    private static ObjectStore oneByOne(ObjectStore dying) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("deleteAll")) {
                            List<String> keys = new ArrayList<>();
                            for (Object key : (List<?>) arguments[0]) {
                                keys.add(String.valueOf(key));
                            }
                            keys.forEach(dying::delete);
                            return new ObjectStore.Deletion(List.of(), 0);
                        }
                        return method.invoke(dying, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private interface Looking {
        void at(String method, Object[] arguments);
    }

    private static ObjectStore proxy(ObjectStore real, Looking before, Looking afterwards) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    Object[] given = arguments == null ? new Object[0] : arguments;
                    before.at(method.getName(), given);
                    try {
                        Object answer = method.invoke(real, arguments);
                        afterwards.at(method.getName(), given);
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
