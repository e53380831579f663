package dev.lifeboat.activities.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.activities.objectstore.BucketLeases;
import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.lab.store.Fault;
import dev.lifeboat.lab.store.FaultyStoreProxy;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;

/** Retention on a real store, over a catalogue made by hand whose backups are a day apart. */
class RetentionIT {

    private static final boolean THOROUGH = Boolean.getBoolean("lifeboat.thorough");
    private static final String BUCKET = "retention";
    private static final int DAYS = 9;
    /** Those of the last five days and the last one before; of dumps the newest two. */
    private static final int KEPT_BASE_BACKUPS = 6;

    private static S3Engine engine;

    private S3ObjectStore store;
    private RetentionBucket bucket;

    @BeforeAll
    static void startTheServer(@TempDir Path folder) {
        engine = S3Engine.startIn(folder.resolve("s3"));
        engine.createBucket(BUCKET);
    }

    @AfterAll
    static void stopTheServer() {
        engine.close();
    }

    @BeforeEach
    void fill() {
        fill(UUID.randomUUID().toString());
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** What is written now was written a month ago. */
    private void fill(String prefix) {
        store = new S3ObjectStore(engine.bucket(BUCKET, prefix), engine.environment());
        bucket = new RetentionBucket(aMonthLater(store), Instant.now().plus(Duration.ofDays(30)));
        bucket.fill(DAYS, 2, day -> {});
    }

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

        Expiry done = bucket.expire();

        assertThat(bucket.keys()).isEqualTo(expected);
        assertThat(done.gone()).isNotEmpty().containsExactlyInAnyOrderElementsOf(plan.gone());
        assertThat(done.refused()).isEmpty();
        assertThat(bucket.expire().gone()).isEmpty();
        assertThat(bucket.keys()).isEqualTo(expected);
    }

    @Test
    void whereverItIsKilledTheNextRunFinishesIt() {
        int step = THOROUGH ? 1 : 13;
        if (!THOROUGH) {
            System.out.println("RetentionIT: kills it at every 13th act; at each with -Dlifeboat.thorough=true");
        }
        int acts = 0;
        for (boolean killed = true; killed; acts += step) {
            store.close();
            fill(UUID.randomUUID().toString());
            TreeSet<String> expected = expected();
            AtomicInteger left = new AtomicInteger(acts);
            ObjectStore dying = before(bucket.store, () -> {
                if (left.getAndDecrement() == 0) {
                    throw new Killed();
                }
            });
            try {
                bucket.through(dying).expiry().apply(bucket.order(Scope.ALL), "run-e");
                killed = false;
            } catch (Killed e) {
                // Somebody else comes.
            }

            bucket.expire();

            assertThat(bucket.keys()).as("killed at act " + acts).isEqualTo(expected);
        }
        assertThat(acts).isGreaterThan(20);
    }

    @Test
    void aRunThatHoldsALeaseInTheBucketHoldsEverything() {
        TreeSet<String> before = bucket.keys();
        BucketLeases leases = new BucketLeases(store, (run, runId, namespace) -> RunLiveness.State.OPEN);
        Fence drill = leases.take(
                new LeaseRequest("main.drill", "pitr-recovery/main/drill", "run-r", "default", false, false));
        Fence own = leases.take(new LeaseRequest("main", "base-backup/main", "run-e", "default", false, false));

        Expiry blocked = expiry(leases).apply(bucket.order(Scope.ALL), "run-e");
        assertThat(bucket.keys()).containsAll(before);
        leases.release(drill);
        TreeSet<String> expected = expected();
        Expiry done = expiry(leases).apply(bucket.order(Scope.ALL), "run-e");

        assertThat(blocked.blocked()).singleElement().asString().contains("pitr-recovery/main/drill");
        assertThat(blocked.gone()).isEmpty();
        assertThat(done.gone()).isNotEmpty();
        assertThat(bucket.keys()).isEqualTo(expected);
        leases.check(own);
    }

    @Test
    void aRunThatLostItsLeaseDeletesNothingMore() {
        BucketLeases leases = new BucketLeases(store, (run, runId, namespace) -> RunLiveness.State.CLOSED);
        leases.take(new LeaseRequest("main", "base-backup/main", "run-e", "default", false, false));
        leases.take(new LeaseRequest("main", "pitr-recovery/main", "run-r", "default", true, false));
        TreeSet<String> before = bucket.keys();

        assertThatThrownBy(() -> expiry(leases).apply(bucket.order(Scope.ALL), "run-e"))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.FENCED_OUT));
        assertThat(bucket.keys()).isEqualTo(before);
    }

    @Test
    void aManifestThatCannotBeReadStopsEverything() {
        bucket.store.put(bucket.baseBackupManifest(3), "half a manif".getBytes(UTF_8));
        TreeSet<String> before = bucket.keys();

        Expiry done = bucket.expire();

        assertThat(done.blocked()).anyMatch(why -> why.contains("not all of the catalogue can be read"));
        assertThat(bucket.keys()).isEqualTo(before);
    }

    @Test
    void aStoreThatListsOrReadsOnlyAPartIsAFailureAndNotAnEmptyBucket() {
        try (FaultyStoreProxy proxy = FaultyStoreProxy.before(engine.endpoint());
                S3ObjectStore faulty =
                        new S3ObjectStore(engine.bucket(BUCKET, prefix(), proxy.endpoint()), engine.environment())) {
            TreeSet<String> before = bucket.keys();
            proxy.spoil(
                    Fault.UNKNOWN_KEY, (method, path) -> path.contains("prefix=") && path.contains("postgres/wal"), 99);

            assertThatThrownBy(
                            () -> bucket.through(aMonthLater(faulty)).expiry().apply(bucket.order(Scope.ALL), "run-e"))
                    .isInstanceOf(RecoveryFailure.class);

            assertThat(proxy.made()).isPositive();
            assertThat(bucket.keys()).isEqualTo(before);
            proxy.spoil(Fault.UNKNOWN_KEY, (method, path) -> path.contains("?delete"), 99);
            assertThatThrownBy(
                            () -> bucket.through(aMonthLater(faulty)).expiry().apply(bucket.order(Scope.ALL), "run-e"))
                    .isInstanceOf(RecoveryFailure.class);
            assertThat(proxy.made()).isPositive();
            // What could be marked and not be deleted is not out of sight for that.
            assertThat(bucket.keys()).isEqualTo(before);
            assertThat(bucket.access().backups().manifests(RetentionBucket.SYSTEM))
                    .hasSize(DAYS);
            assertThat(bucket.access().dumps().manifests(unreadable -> {})).hasSize(DAYS);
            proxy.heal();
            TreeSet<String> expected = expected();
            bucket.expire();
            assertThat(bucket.keys()).isEqualTo(expected);
        }
    }

    /** An object lock keeps versions: a plain deletion hides them, and says so. */
    @Test
    void whatAnObjectLockKeepsGoesOutOfSightAndStays() {
        boolean real = "real".equals(System.getProperty("lifeboat.engine"));
        if (!real) {
            System.out.println("RetentionIT: object locks are left out here; taken with -Pengines");
        }
        assumeTrue(real, "only MinIO knows object locks; taken with -Pengines");
        try (S3Client behind = engine.client()) {
            behind.createBucket(create -> create.bucket("locked").objectLockEnabledForBucket(true));
            try (S3ObjectStore locked = new S3ObjectStore(engine.bucket("locked", "p"), engine.environment())) {
                RetentionBucket there =
                        new RetentionBucket(aMonthLater(locked), Instant.now().plus(Duration.ofDays(30)));
                there.fill(DAYS, 1, day -> {});
                String chunk =
                        "p/" + BucketLayout.chunk("main", RetentionBucket.SYSTEM, there.baseBackupId(DAYS - 1), 1);
                behind.putObject(
                        put -> put.bucket("locked").key(chunk).objectLockLegalHoldStatus(ObjectLockLegalHoldStatus.ON),
                        RequestBody.fromString("held"));

                Expiry done = there.expire();

                assertThat(done.refused()).isEmpty();
                assertThat(done.notes()).anyMatch(note -> note.contains("as earlier versions"));
                assertThat(there.keys()).noneMatch(key -> chunk.endsWith(key));
                assertThat(behind.listObjectVersions(
                                        list -> list.bucket("locked").prefix(chunk))
                                .versions())
                        .isNotEmpty();
            }
        }
    }

    private String prefix() {
        return store.addressOf("").replace("s3://" + BUCKET + "/", "").replaceAll("/$", "");
    }

    private BackupExpiry expiry(BucketLeases leases) {
        ClusterAccess own = bucket.access();
        return new BackupExpiry(
                new ClusterAccess(own.cluster(), own.store(), leases, own.environment(), own.workerName()),
                RetentionBucket.RETENTION,
                Clock.fixed(bucket.now.plusSeconds(60), ZoneOffset.UTC),
                RetentionBucket.NOBODY);
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private ObjectStore aMonthLater(ObjectStore real) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("clock")) {
                        return Optional.of(Instant.now().plus(Duration.ofDays(30)));
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Before each change; of many that go at once before each of them. */
    private static ObjectStore before(ObjectStore real, Runnable act) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("deleteAll")) {
                            for (Object key : (Iterable<?>) arguments[0]) {
                                act.run();
                                real.delete(String.valueOf(key));
                            }
                            return new ObjectStore.Deletion(List.of(), 0);
                        }
                        if (method.getName().startsWith("put")
                                || method.getName().equals("change")) {
                            act.run();
                        }
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
