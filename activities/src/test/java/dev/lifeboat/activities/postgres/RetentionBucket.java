package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A bucket with a catalogue made by hand: a backup a day, small as can be, with its WAL; and retention over it. */
final class RetentionBucket {

    static final String CLUSTER = "main";
    static final String SYSTEM = "7";
    /** Five days of base backups, two dumps. */
    static final Retention RETENTION =
            new Retention(new Generations(2, 0, 0, 0, 0), 2, Duration.ofDays(5), Duration.ZERO, Duration.ofHours(1));

    private static final DatabaseFacts NO_FACTS =
            new DatabaseFacts(List.of(), List.of(), List.of(), null, List.of(), 0);
    private static final WalSegmentSize SIZE = WalSegmentSize.DEFAULT;
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    final ObjectStore store;
    /** When the last of the backups has just been made. */
    final Instant now;

    final List<Leases.Held> held;
    /** Targets of leases that nobody can read. */
    final List<String> unreadable;

    RetentionBucket(ObjectStore store, Instant now) {
        this(store, now.truncatedTo(ChronoUnit.SECONDS), new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
    }

    private RetentionBucket(ObjectStore store, Instant now, List<Leases.Held> held, List<String> unreadable) {
        this.store = store;
        this.now = now;
        this.held = held;
        this.unreadable = unreadable;
    }

    /** The same, as one sees it through another store. */
    RetentionBucket through(ObjectStore other) {
        return new RetentionBucket(other, now, held, unreadable);
    }

    /** Of the day so many days before; three segments of WAL a day. */
    Instant day(int before) {
        return now.minus(Duration.ofDays(before));
    }

    String baseBackupId(int before) {
        return ID.format(day(before));
    }

    String dumpId(int before) {
        return "shop_" + ID.format(day(before));
    }

    String baseBackupManifest(int before) {
        return BucketLayout.baseBackupManifest(CLUSTER, SYSTEM, baseBackupId(before));
    }

    String dumpManifest(int before) {
        return BucketLayout.dumpManifest(CLUSTER, dumpId(before));
    }

    static String segment(int number) {
        return SIZE.nameOf(new WalSegment(1, number));
    }

    /** The first segment that the base backup of that day needs, of so many days. */
    static int firstSegment(int days, int before) {
        return 3 * (days - before);
    }

    /**
     * A base backup, a dump and three segments for each of the last days, the oldest first.
     *
     * @param clock is told the day
     */
    void fill(int days, int chunks, Consumer<Instant> clock) {
        for (int before = days - 1; before >= 0; before--) {
            clock.accept(day(before));
            int first = firstSegment(days, before);
            putBaseBackup(before, first, chunks);
            putDump(before);
            IntStream.range(first, first + 3).forEach(number -> putSegment(segment(number)));
        }
        store.put(BucketLayout.walIndex(CLUSTER, SYSTEM, "0000000100000000"), new byte[] {'{', '}'});
        store.put(BucketLayout.walFile(CLUSTER, SYSTEM, segment(3) + ".00000028.backup"), new byte[] {1});
    }

    void putSegment(String name) {
        store.put(BucketLayout.walFile(CLUSTER, SYSTEM, name), new byte[] {1, 2, 3});
    }

    void putBaseBackup(int before, int firstSegment, int chunks) {
        String id = baseBackupId(before);
        List<Chunk> all = new ArrayList<>();
        for (int number = 1; number <= chunks; number++) {
            store.put(BucketLayout.chunk(CLUSTER, SYSTEM, id, number), new byte[] {1, 2});
            all.add(new Chunk(number, 2, "00", 2, List.of("file" + number), ""));
        }
        Lsn start = new Lsn(firstSegment * SIZE.bytes() + 40);
        BaseBackupManifest manifest = new BaseBackupManifest(
                1,
                id,
                CLUSTER,
                SYSTEM,
                150018,
                1,
                start,
                start.plus(256),
                SIZE,
                day(before),
                day(before),
                2,
                2L * chunks,
                "run-" + id,
                "1@here",
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                chunks,
                all,
                null);
        store.put(baseBackupManifest(before), Json.write(manifest));
    }

    void putDump(int before) {
        String id = dumpId(before);
        store.put(BucketLayout.dump(CLUSTER, id), new byte[] {1, 2, 3});
        store.put(BucketLayout.dumpGlobals(CLUSTER, id), new byte[] {1});
        DumpManifest manifest = new DumpManifest(
                1,
                id,
                CLUSTER,
                "shop",
                SYSTEM,
                150018,
                day(before),
                day(before),
                3,
                4,
                "owner",
                "UTF8",
                "C",
                "C",
                new DumpManifest.Stored(BucketLayout.dump(CLUSTER, id), 3, 3, "00"),
                new DumpManifest.Stored(BucketLayout.dumpGlobals(CLUSTER, id), 1, 1, "00"),
                NO_FACTS,
                "run-" + id,
                "1@here",
                Map.of(),
                null,
                null);
        store.put(dumpManifest(before), Json.write(manifest));
    }

    void proveBaseBackup(int before) {
        store.put(
                BucketLayout.baseBackupProof(CLUSTER, SYSTEM, baseBackupId(before), day(before), "run-p"),
                new byte[] {'{', '}'});
    }

    ClusterAccess access() {
        PostgresCluster cluster = new PostgresCluster(
                CLUSTER,
                Path.of("/data"),
                Path.of("/bin"),
                null,
                null,
                "127.0.0.1",
                5432,
                "postgres",
                null,
                "shop",
                List.of(),
                null,
                null,
                List.of(),
                null,
                Duration.ZERO);
        Leases leases = new Leases() {
            @Override
            public void check(Fence fence) {}

            @Override
            public List<Held> held(Predicate<Held> which) {
                return held.stream().filter(which).toList();
            }

            @Override
            public List<Held> held(Predicate<Held> which, BiConsumer<String, RecoveryFailure> told) {
                unreadable.forEach(target -> told.accept(
                        target,
                        new RecoveryFailure(
                                FailureCode.UNEXPECTED_STATE,
                                "cannot understand the lease of " + target,
                                "look at it")));
                return held(which);
            }
        };
        return new ClusterAccess(cluster, store, leases, Map.of(), "1@here");
    }

    BackupExpiry expiry() {
        return expiry(RETENTION, now.plusSeconds(60));
    }

    BackupExpiry expiry(Retention retention, Instant at) {
        return new BackupExpiry(access(), retention, Clock.fixed(at, ZoneOffset.UTC), NOBODY);
    }

    Expiry expire() {
        return expire(Scope.ALL);
    }

    Expiry expire(Scope scope) {
        return expiry().apply(order(scope), "run-e");
    }

    ExpiryOrder order(Scope scope) {
        return new ExpiryOrder(CLUSTER, List.of(new Fence(CLUSTER, 1, "run-e")), scope, "expire/main", now);
    }

    Leases.Held holder(String run) {
        return new Leases.Held("main.drill", 3, run, "run-r", now);
    }

    /** Every key but those of evidence. */
    TreeSet<String> keys() {
        TreeSet<String> keys = new TreeSet<>();
        store.list("").forEach(object -> {
            if (!object.key().startsWith(BucketLayout.EVIDENCE)) {
                keys.add(object.key());
            }
        });
        return keys;
    }

    static final Watch NOBODY = new Watch() {
        @Override
        public void progress(Progress now) {}

        @Override
        public void check() {}
    };
}
