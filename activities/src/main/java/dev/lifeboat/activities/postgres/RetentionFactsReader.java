package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Remains;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.Leases.Held;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads, at one moment, everything that retention decides from. What cannot be understood becomes a doubt, with which
 * nothing is deleted; a store that does not answer is a failure.
 */
final class RetentionFactsReader {

    /** Clocks that are kept by NTP are never this far apart. */
    static final Duration CLOCKS_APART = Duration.ofMinutes(5);

    private static final String MANIFEST = ".manifest.json";
    /** Runs that read no backup of this cluster, though they hold a lease of it. */
    private static final Set<String> NO_READERS = Set.of("base-backup", "daily-dump", "expire");
    /** Takes a dump by its address, too, and then perhaps one of ours into a cluster whose lease alone it holds. */
    private static final String READS_EVERYWHERE = "dump-restore";

    private final ClusterAccess access;
    private final Clock clock;
    private final ObjectStore store;
    private final String cluster;
    private final List<String> doubts = new ArrayList<>();
    private final List<DumpFact> dumps = new ArrayList<>();
    private final List<BackupFact> backups = new ArrayList<>();
    private final List<Remains> remains = new ArrayList<>();

    private RetentionFactsReader(ClusterAccess access, Clock clock) {
        this.access = access;
        this.clock = clock;
        this.store = access.store();
        this.cluster = access.cluster().name();
    }

    static RetentionFacts read(ClusterAccess access, Clock clock) {
        return new RetentionFactsReader(access, clock).read();
    }

    /**
     * Who may be restoring from this cluster's backups, in sentences.
     *
     * @param holders runs that do
     * @param unclear leases of other clusters that nobody can read: each may be that of a {@code dump-restore}, which reads a
     *     dump of this cluster and nothing else of it
     */
    record Restores(List<String> holders, List<String> unclear) {}

    /** @throws RecoveryFailure UNEXPECTED_STATE where a lease of this very cluster cannot be understood */
    static Restores restores(ClusterAccess access) {
        String cluster = access.cluster().name();
        List<String> unclear = new ArrayList<>();
        List<String> holders = access
                .leases()
                .held(held -> mayRead(held, cluster), (target, failure) -> {
                    if (Leases.isOf(target, cluster)) {
                        throw failure;
                    }
                    if (isWhole(target)) {
                        unclear.add(
                                "the newest lease of %s cannot be understood, and may be that of a restore from a dump of %s: %s"
                                        .formatted(target, cluster, failure.getMessage()));
                    }
                })
                .stream()
                .map(RetentionFactsReader::holds)
                .toList();
        return new Restores(holders, List.copyOf(unclear));
    }

    /** A {@code dump-restore} holds the lease of a whole cluster; no cluster's name has these signs in it. */
    private static boolean isWhole(String target) {
        return target.indexOf('.') < 0 && target.indexOf('/') < 0;
    }

    private static boolean mayRead(Held held, String cluster) {
        String runbook = held.run().split("/", 2)[0];
        return runbook.equals(READS_EVERYWHERE) || held.isOf(cluster) && !NO_READERS.contains(runbook);
    }

    private static String holds(Held held) {
        return "%s (run %s) has held lease %d of %s since %s, and what it may be restoring from stays; 'lifeboat status %s' shows it"
                .formatted(
                        held.run(),
                        held.runId(),
                        held.number(),
                        held.target(),
                        held.takenAt().truncatedTo(ChronoUnit.SECONDS),
                        held.run());
    }

    private RetentionFacts read() {
        Restores restores = understood(() -> restores(access)).orElse(new Restores(List.of(), List.of()));
        Instant now = now();
        Set<String> pins = access.pins().backups();
        readDumps(pins);
        readBackups(pins);
        List<WalFact> wal = new ArrayList<>();
        for (String systemId : store.listFolders(BucketLayout.wal(cluster))) {
            wal.add(WalFactReader.read(access.archive(systemId)));
        }
        return new RetentionFacts(
                now,
                List.copyOf(dumps),
                List.copyOf(backups),
                List.copyOf(wal),
                List.copyOf(remains),
                restores.holders(),
                restores.unclear(),
                List.copyOf(doubts));
    }

    private Instant now() {
        Instant here = clock.instant();
        Optional<Instant> there = store.clock();
        if (there.isEmpty()) {
            doubts.add("the store tells no time, so that a clock which is wrong here would not be noticed");
            return here;
        }
        Duration apart = Duration.between(here, there.get()).abs();
        if (apart.compareTo(CLOCKS_APART) > 0) {
            doubts.add(
                    "this host's clock says %s and the store's %s: with a clock that is wrong everything may look old; 'timedatectl' shows this host's"
                            .formatted(here.truncatedTo(ChronoUnit.SECONDS), there.get()));
        }
        return here.isBefore(there.get()) ? here : there.get();
    }

    private void readDumps(Set<String> pins) {
        String folder = BucketLayout.dumps(cluster);
        Listing listing = Listing.below(store, folder);
        DumpCatalog catalog = access.dumps();
        for (String key : listing.keys()) {
            if (key.endsWith(MANIFEST) && key.indexOf('/', folder.length()) < 0) {
                String id = key.substring(folder.length(), key.length() - MANIFEST.length());
                understood(() -> catalog.find(id))
                        .flatMap(found -> found)
                        .ifPresent(manifest -> add(manifest, key, listing, pins));
            }
        }
    }

    private void add(DumpManifest manifest, String key, Listing listing, Set<String> pins) {
        if (isNewer(key, manifest.format(), DumpManifest.FORMAT)) {
            return;
        }
        Instant expiring = manifest.expiringSince();
        String id = manifest.id();
        Listing.Parts parts = listing.parts()
                .with(manifest.archive().key(), manifest.archive().storedBytes())
                .with(manifest.globals().key(), manifest.globals().storedBytes());
        if (expiring != null && !parts.allThere()) {
            remains.add(new Remains("dump", id, manifest.database(), key, expiring));
            return;
        }
        dumps.add(new DumpFact(
                id,
                manifest.database(),
                key,
                manifest.startedAt(),
                manifest.endedAt(),
                manifest.storedBytes(),
                2,
                provedAndNotDoubted(listing, id),
                pins.contains(id),
                parts.whole(),
                parts.storedBy(key, expiring),
                expiring));
    }

    /** One that a later run did not find good must not stand in for an older one that is. */
    private @Nullable Instant provedAndNotDoubted(Listing listing, String id) {
        Instant proved = provedAt(listing, BucketLayout.dumpProofs(cluster, id));
        Instant doubted = provedAt(listing, BucketLayout.dumpDoubts(cluster, id));
        return proved == null || doubted != null && doubted.isAfter(proved) ? null : proved;
    }

    private void readBackups(Set<String> pins) {
        BaseBackupCatalog catalog = access.backups();
        for (String systemId : catalog.systemIds()) {
            String folder = BucketLayout.baseBackups(cluster, systemId);
            Listing listing = Listing.below(store, folder);
            for (String key : listing.keys()) {
                String path = key.substring(folder.length());
                if (path.endsWith("/manifest.json") && path.indexOf('/') == path.lastIndexOf('/')) {
                    String id = path.substring(0, path.indexOf('/'));
                    understood(() -> catalog.find(systemId, id))
                            .flatMap(found -> found)
                            .ifPresent(manifest -> add(manifest, key, listing, pins));
                }
            }
        }
    }

    private void add(BaseBackupManifest manifest, String key, Listing listing, Set<String> pins) {
        if (isNewer(key, manifest.format(), BaseBackupManifest.FORMAT)) {
            return;
        }
        Instant expiring = manifest.expiringSince();
        String systemId = manifest.systemId();
        String id = manifest.id();
        Listing.Parts parts = listing.parts();
        for (Chunk chunk : manifest.allChunks()) {
            parts = parts.with(BucketLayout.chunk(cluster, systemId, id, chunk.number()), chunk.size());
        }
        if (expiring != null && !parts.allThere()) {
            remains.add(new Remains("base-backup", id, null, key, expiring));
            return;
        }
        backups.add(new BackupFact(
                systemId,
                id,
                key,
                manifest.timeline(),
                manifest.startLsn(),
                manifest.endLsn(),
                manifest.walSegmentSize(),
                manifest.startedAt(),
                manifest.endedAt(),
                manifest.storedBytes(),
                manifest.allChunks().size(),
                provedAt(listing, BucketLayout.baseBackupProofs(cluster, systemId, id)),
                pins.contains(id),
                parts.whole(),
                parts.storedBy(key, expiring),
                expiring));
    }

    private boolean isNewer(String key, int format, int known) {
        if (format > known) {
            doubts.add("%s has format %d, and this Lifeboat knows %d at most: a newer one has to decide"
                    .formatted(store.addressOf(key), format, known));
        }
        return format > known;
    }

    /** By the names, which begin with the time: the newest of them. One that says no time proves it as of ever. */
    private static @Nullable Instant provedAt(Listing listing, String folder) {
        return listing.last(folder)
                .map(name -> BaseBackupManifest.beganAt(name.split("_", 2)[0]).orElse(Instant.EPOCH))
                .orElse(null);
    }

    private interface Reading<T> {
        T read();
    }

    /** Empty, and a doubt, where what was read cannot be understood. */
    private <T> Optional<T> understood(Reading<T> reading) {
        try {
            return Optional.of(reading.read());
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
            doubts.add("not all of the catalogue can be read: " + e.getMessage());
            return Optional.empty();
        }
    }
}
