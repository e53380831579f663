package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers about what can be recovered, and the setup of archiving. */
final class PostgresCatalogActivitiesImpl implements PostgresCatalogActivities {

    private final ClusterAccess access;

    PostgresCatalogActivitiesImpl(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public List<BackupEntry> listBackups(String cluster) {
        access.requireName(cluster);
        List<BackupEntry> entries = new ArrayList<>(baseBackups());
        entries.addAll(dumps());
        entries.sort(Comparator.comparing(BackupEntry::startedAt));
        Set<String> pinned = access.pins().backups();
        return entries.stream()
                .map(entry -> pinned.contains(entry.id()) ? entry.pinned(true) : entry)
                .toList();
    }

    private List<BackupEntry> dumps() {
        String cluster = access.cluster().name();
        List<BackupEntry> entries = new ArrayList<>();
        Map<String, Instant> proved = access.dumps().provedAt();
        Map<String, DumpDoubts.Doubt> doubts = access.dumps().doubts();
        access.dumps()
                .manifests(unusable -> {
                    Instant began = DumpId.begunAt(unusable.id()).orElse(Instant.EPOCH);
                    entries.add(new BackupEntry(
                            unusable.id(), "dump", cluster, null, began, began, 0, 0, null, null, unusable.why()));
                })
                .forEach(found -> entries.add(new BackupEntry(
                                found.id(),
                                "dump",
                                cluster,
                                found.database(),
                                found.startedAt(),
                                found.endedAt(),
                                found.bytes(),
                                found.storedBytes(),
                                null,
                                proved.get(found.id()),
                                null)
                        .doubted(words(doubts.get(found.id())))
                        .at(found.lsn())));
        return entries;
    }

    private static @Nullable String words(DumpDoubts.@Nullable Doubt doubt) {
        return doubt == null ? null : doubt.words();
    }

    /** The finished ones, also those that cannot be used, oldest first. */
    List<BackupEntry> baseBackups() {
        String cluster = access.cluster().name();
        BaseBackupCatalog catalog = access.backups();
        List<BackupEntry> entries = new ArrayList<>();
        for (String systemId : catalog.systemIds()) {
            catalog.manifests(systemId, unusable -> entries.add(unusable(cluster, unusable)))
                    .forEach(found -> entries.add(new BackupEntry(
                            found.id(),
                            "base-backup",
                            cluster,
                            null,
                            found.startedAt(),
                            found.endedAt(),
                            found.bytes(),
                            found.storedBytes(),
                            found.timeline(),
                            catalog.provedAt(systemId, found.id()).orElse(null),
                            null)));
        }
        entries.sort(Comparator.comparing(BackupEntry::startedAt));
        return List.copyOf(entries);
    }

    private static BackupEntry unusable(String cluster, UnusableBackup backup) {
        Instant began = BaseBackupManifest.beganAt(backup.id()).orElse(Instant.EPOCH);
        return new BackupEntry(backup.id(), "base-backup", cluster, null, began, began, 0, 0, 0, null, backup.why());
    }

    @Override
    public Window window(String cluster) {
        access.requireName(cluster);
        Window seen = look();
        // What arrived after the bucket was listed, and was marked as done before that was looked at, is no hole.
        return seen.holes().isEmpty() ? seen : look();
    }

    private Window look() {
        Optional<ControlFile> control = access.liveControlFile();
        BaseBackupCatalog catalog = access.backups();
        Optional<String> systemId =
                control.map(ControlFile::systemId).or(() -> catalog.newest().map(BaseBackup::systemId));
        if (systemId.isEmpty()) {
            return new Window(List.of(), List.of(), null);
        }
        List<BaseBackupManifest> manifests = catalog.manifests(systemId.get());
        WalSegmentSize size = control.map(ControlFile::segmentSize)
                .or(() -> manifests.stream()
                        .map(BaseBackupManifest::walSegmentSize)
                        .findFirst())
                .orElse(WalSegmentSize.DEFAULT);
        WalArchive archive = access.archive(systemId.get());
        WalCatalog bucket = new WalCatalog(archive, size, null);
        WalCatalog live = control.isPresent() ? new WalCatalog(archive, size, access.liveWal()) : bucket;
        List<BaseBackup> backups =
                manifests.stream().map(BaseBackupManifest::toBackup).toList();
        // What PostgreSQL has marked as done and the bucket lacks does not come by itself any more.
        Path states = access.liveWal().resolve("archive_status");
        return new RecoveryWindow(
                        bucket, backups, size, segment -> Files.exists(states.resolve(size.nameOf(segment) + ".ready")))
                .compute(control.flatMap(found -> liveEnd(live, found)).orElse(null));
    }

    private static Optional<LiveEnd> liveEnd(WalCatalog live, ControlFile control) {
        for (TimelineFacts timeline : live.timelines()) {
            if (timeline.timeline() == control.timeline() && timeline.end() != null) {
                return Optional.of(new LiveEnd(timeline.timeline(), timeline.end(), timeline.lastCommitAt()));
            }
        }
        return Optional.empty();
    }

    @Override
    public Setup setup(SetupOrder order) {
        access.requireName(order.cluster());
        return new ArchiveSetup(access).run(order.apply());
    }

    @Override
    public Cleanup cleanup(CleanupOrder order) {
        access.requireName(order.cluster());
        List<String> removed = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        try {
            new AbandonedWorkspaces(access).cleanUp(order.apply(), removed, kept);
            KeptDatabase.cleanUp(access, order.apply(), removed, kept);
            for (KeptDirectory directory : KeptDirectory.of(access.cluster())) {
                boolean due = directory.isDue(Instant.now(), access.store()::clock);
                if (due && order.apply()) {
                    directory.remove();
                }
                (due ? removed : kept)
                        .add("%s%s, %s, kept until %s"
                                .formatted(
                                        directory.path(),
                                        directory.tablespaces().isEmpty()
                                                ? ""
                                                : " with " + String.join(", ", directory.tablespaces()),
                                        directory.what(),
                                        directory.keptUntil()));
            }
        } catch (IOException e) {
            throw FileTrees.failed("clean up beside " + access.cluster().dataDirectory(), e);
        }
        return new Cleanup(List.copyOf(removed), List.copyOf(kept));
    }
}
