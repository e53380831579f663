package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.Space;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads, at one moment, everything that a recovery's plan is decided from. Changes nothing, here or in the bucket. */
final class RecoveryFactsReader {

    private final LiveContext context;
    private final ObjectStore store;
    private final List<String> writers;

    RecoveryFactsReader(LiveContext context, ObjectStore store, Map<String, ?> writers) {
        this.context = context;
        this.store = store;
        this.writers = List.copyOf(new TreeSet<>(writers.keySet()));
    }

    /** @throws RecoveryFailure NO_BASE_BACKUP when neither disk nor bucket says whose cluster this is */
    RecoveryFacts read(FactsQuery query) {
        if (!query.cluster().equals(context.cluster().name())) {
            throw new RecoveryFailure(
                    FailureCode.UNKNOWN_CLUSTER,
                    "this worker serves the cluster %s, not %s"
                            .formatted(context.cluster().name(), query.cluster()),
                    "start a worker with '--cluster " + query.cluster() + "'");
        }
        LiveServer.Status live = new LiveServer(context).look();
        BaseBackupCatalog catalog = new BaseBackupCatalog(store, query.cluster());
        Identity identity = identity(live.control(), catalog, query);
        WalArchive archive = new WalArchive(store, query.cluster(), identity.systemId);
        WalCatalog wal = new WalCatalog(archive, identity.segmentSize, identity.liveWal);
        List<String> obstacles = new ArrayList<>(new Obstacles(context).find(query));
        identity.obstacle.ifPresent(obstacles::add);
        tablespaces(catalog, identity.systemId).ifPresent(obstacles::add);
        return new RecoveryFacts(
                query.cluster(),
                identity.systemId,
                identity.segmentSize,
                catalog.backups(identity.systemId),
                wal.timelines(),
                wal.locate(query.target(), query.exclusive()),
                new LiveCluster(
                        live.state(),
                        context.dataDirectory().toString(),
                        serverVersion(),
                        context.cluster().port()),
                space(query),
                writers,
                List.copyOf(obstacles),
                Instant.now());
    }

    /** @param liveWal null when the live directory holds no WAL of that cluster */
    private record Identity(
            String systemId, WalSegmentSize segmentSize, @Nullable Path liveWal, Optional<String> obstacle) {}

    private Identity identity(Optional<ControlFile> control, BaseBackupCatalog catalog, FactsQuery query) {
        Path liveWal = context.dataDirectory().resolve("pg_wal");
        if (control.isPresent()
                && (isBackedUp(catalog, control.get()) || catalog.newest().isEmpty())) {
            return new Identity(control.get().systemId(), control.get().segmentSize(), liveWal, Optional.empty());
        }
        BaseBackup newest = catalog.newest()
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.NO_BASE_BACKUP,
                        "cannot recover %s: it has no base backup, and %s has no readable control file"
                                .formatted(query.cluster(), context.dataDirectory()),
                        "without a base backup there is nothing to recover from"));
        WalSegmentSize size = catalog.read(newest.systemId(), newest.id()).walSegmentSize();
        if (control.isEmpty()) {
            // What is left of its pg_wal says by itself whose it is, segment by segment.
            return new Identity(newest.systemId(), size, liveWal, Optional.empty());
        }
        Optional<String> foreign = query.placement() == Placement.IN_PLACE
                ? Optional.of(
                        "WRONG_SYSTEM_ID: %s holds another cluster (system identifier %s) than every base backup (%s)"
                                .formatted(
                                        context.dataDirectory(), control.get().systemId(), newest.systemId()))
                : Optional.empty();
        return new Identity(newest.systemId(), size, null, foreign);
    }

    private static Optional<String> tablespaces(BaseBackupCatalog catalog, String systemId) {
        return catalog.manifests(systemId).stream()
                .filter(manifest -> !manifest.tablespaces().isEmpty())
                .findFirst()
                .map(manifest ->
                        "SWAP_IMPOSSIBLE: base backup %s has tablespaces outside of the data directory (%s), which cannot be placed yet"
                                .formatted(manifest.id(), manifest.tablespaces().values()));
    }

    private static boolean isBackedUp(BaseBackupCatalog catalog, ControlFile control) {
        return !catalog.backups(control.systemId()).isEmpty();
    }

    /** The major version that the data directory was made with, as a number like the server's own; 0 when it is gone. */
    private int serverVersion() {
        try {
            Path file = context.dataDirectory().resolve("PG_VERSION");
            return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) * 10_000 : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private Space space(FactsQuery query) {
        String into = query.into();
        Path place = query.placement() == Placement.INTO && into != null ? Path.of(into) : context.dataDirectory();
        try {
            Path existing = place;
            while (!Files.exists(existing) && existing.getParent() != null) {
                existing = existing.getParent();
            }
            return new Space(Files.getFileStore(existing).getUsableSpace(), sizeOf(context.dataDirectory()));
        } catch (IOException e) {
            return new Space(-1, 0);
        }
    }

    /** Files of a running server come and go while they are counted. */
    private static long sizeOf(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        long[] bytes = {0};
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failed) {
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes[0];
    }
}
