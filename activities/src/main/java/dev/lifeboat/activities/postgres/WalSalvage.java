package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is left of the live {@code pg_wal} to safety. In place, whole segments go to the archive, and the
 * unfinished one stays beside the copy under its own name; a rehearsal, or a copy beside, only copies.
 */
final class WalSalvage {

    private final LiveContext context;
    private final ObjectStore store;

    WalSalvage(LiveContext context, ObjectStore store) {
        this.context = context;
        this.store = store;
    }

    SavedWal save(RecoveryOrder order) {
        context.mayChange(order);
        RecoveryPlan plan = order.plan();
        Path liveWal = context.dataDirectory().resolve("pg_wal");
        WalArchive archive = new WalArchive(store, plan.cluster(), plan.systemId());
        WalSegmentSize size = new BaseBackupCatalog(store, plan.cluster())
                .walSegmentSize(plan.systemId(), plan.backup().id());
        RecoveryWorkspace workspace = new RecoveryWorkspace(plan.directories(), context.user());
        try (WorkspaceLock lock = workspace.claim(order.fence())) {
            List<LiveWal.File> left = Files.isDirectory(liveWal)
                    ? new LiveWal(liveWal, plan.systemId(), archive, size).files()
                    : List.of();
            // Read before the archive changes: later it would be read again, from the bucket.
            Seen seen = seen(archive, size, liveWal);
            List<String> saved = new ArrayList<>();
            for (LiveWal.File file : left) {
                context.mayChange(order);
                if (save(plan, workspace, archive, liveWal, file)) {
                    Transcript.note("saved %s (%s) of %s"
                            .formatted(file.name(), file.whole() ? "whole" : "unfinished", liveWal));
                    saved.add(file.name());
                }
            }
            return new SavedWal(outcome(liveWal, saved, seen), List.copyOf(saved), seen.end, seen.lastCommitAt);
        } catch (IOException e) {
            throw FileTrees.failed("save the WAL of " + liveWal, e);
        }
    }

    private record Seen(@Nullable Lsn end, @Nullable Instant lastCommitAt) {}

    private boolean save(
            RecoveryPlan plan, RecoveryWorkspace workspace, WalArchive archive, Path liveWal, LiveWal.File file)
            throws IOException {
        Path path = liveWal.resolve(file.name());
        try {
            if (plan.placement() != Placement.IN_PLACE) {
                copy(path, workspace.salvaged().resolve(file.name()));
                return true;
            }
            if (file.whole()) {
                archive.store(file.name(), path);
                return true;
            }
            copy(path, workspace.salvaged().resolve(file.name()));
            byte[] bytes = Files.readAllBytes(workspace.salvaged().resolve(file.name()));
            archive.store(partialName(file.name(), bytes), bytes);
            return true;
        } catch (NoSuchFileException e) {
            // The running server has archived and removed it meanwhile.
            return false;
        }
    }

    /**
     * PostgreSQL may archive a {@code .partial} of the same segment later, and a server that was started again writes
     * on in it: the content in the name keeps them apart.
     */
    static String partialName(String segment, byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return segment + "." + HexFormat.of().formatHex(digest, 0, 4) + ".partial";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void copy(Path from, Path to) throws IOException {
        Path fresh = to.resolveSibling("." + to.getFileName() + ".tmp");
        Files.copy(from, fresh, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        context.user().own(fresh);
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FileTrees.syncFolder(to.getParent());
    }

    private Seen seen(WalArchive archive, WalSegmentSize size, Path liveWal) {
        List<TimelineFacts> timelines =
                new WalCatalog(archive, size, Files.isDirectory(liveWal) ? liveWal : null).timelines();
        Lsn end = timelines.stream()
                .max(Comparator.comparing(TimelineFacts::timeline))
                .map(TimelineFacts::end)
                .orElse(null);
        Instant last = Stream.concat(
                        timelines.stream().map(TimelineFacts::lastCommitAt).filter(Objects::nonNull),
                        LastSight.read(LifeboatFolder.of(context.cluster())).stream())
                .max(Comparator.naturalOrder())
                .orElse(null);
        return new Seen(end, last);
    }

    private StepOutcome outcome(Path liveWal, List<String> saved, Seen seen) {
        if (Files.isDirectory(liveWal, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(liveWal)) {
            String what = saved.isEmpty() ? "nothing that is not in the archive" : String.join(", ", saved);
            return context.outcome("saved " + what);
        }
        String last = seen.lastCommitAt == null
                ? "no commit was ever seen"
                : "the last commit was seen at " + seen.lastCommitAt;
        return context.outcome("no live WAL left to save")
                .withFindings(List.of(new Finding(
                        "high",
                        "%s is gone: what was committed and not archived is lost; the archive ends at %s, %s"
                                .formatted(liveWal, seen.end == null ? "nothing" : seen.end, last),
                        "if the disk can be read elsewhere, keep it: its pg_wal may hold later commits")));
    }
}
