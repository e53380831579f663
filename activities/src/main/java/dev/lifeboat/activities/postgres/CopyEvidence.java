package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what proves where a copy's recovery stopped: its log, its new timeline's history, the WAL that was there. */
final class CopyEvidence {

    private static final String END_OF_WAL = "end-of-wal";
    private static final String LABEL = "backup_label";

    private final PostgresCluster cluster;
    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;
    private final WalArchive archive;

    CopyEvidence(PostgresCluster cluster, ObjectStore store, RecoveryPlan plan, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.plan = plan;
        this.workspace = workspace;
        this.archive = new WalArchive(store, plan.cluster(), plan.systemId());
    }

    /**
     * Writes down, before the replay, where the WAL that can be had now ends: a recovery to the end of WAL must get
     * there, whatever a live cluster goes on to write. A second call changes nothing.
     */
    void rememberEndOfWal() {
        if (plan.target() instanceof RecoveryTarget.Latest && !workspace.has(END_OF_WAL)) {
            workspace.write(END_OF_WAL, endOfKnownWal(segmentSize()) + "\n");
        }
    }

    /** @throws RecoveryFailure RECOVERY_POINT_WRONG when the facts disagree with the plan */
    ProvenPoint prove(String workerName) {
        ReplayLog log = ReplayLog.parse(new CopyServer(cluster, workspace).logLines());
        WalSegmentSize size = segmentSize();
        Optional<Lsn> known = workspace.has(END_OF_WAL)
                ? Optional.of(Lsn.parse(workspace.read(END_OF_WAL).strip()))
                : Optional.empty();
        RecoveryProof.Proven proven =
                new RecoveryProof(plan, size).prove(new RecoveryProof.Evidence(log, history(log), known));
        RecoveryPoint point = proven.point();
        String walTo =
                size.nameOf(size.segmentAt(plan.timeline(), new Lsn(point.lsn().value() - 1)));
        long segments =
                size.parse(walTo).number() - size.parse(plan.firstSegment()).number() + 1;
        List<Check> checks = new ArrayList<>(proven.checks());
        checks.add(labelWasRead());
        return new ProvenPoint(
                StepOutcome.of("stopped at %s, timeline %d".formatted(point.lsn(), point.timeline()), workerName)
                        .withChecks(checks),
                point,
                latest(plan.lastArchivedCommitAt(), point.lastCommitAt()),
                plan.firstSegment(),
                walTo,
                (int) Math.max(0, segments));
    }

    /**
     * Without the backup's label recovery begins at the wrong checkpoint and the cluster is corrupt, though it starts. The
     * server puts the file aside under another name once it has begun where the label says.
     */
    private Check labelWasRead() {
        boolean read = Files.exists(workspace.copy().resolve(LABEL + ".old"))
                && !Files.exists(workspace.copy().resolve(LABEL));
        if (!read) {
            throw new RecoveryFailure(
                    FailureCode.RECOVERY_POINT_WRONG,
                    "recovery of %s did not begin where base backup %s says: its %s was not read by the server"
                            .formatted(plan.cluster(), plan.backup().id(), LABEL),
                    "the copy may be corrupt: abort this run and choose another backup with --backup");
        }
        return Check.of("recovery began at the backup's label", LABEL + " read", "read", true);
    }

    private WalSegmentSize segmentSize() {
        return ControlFile.read(cluster.binary("pg_controldata"), workspace.user(), workspace.copy())
                .segmentSize();
    }

    private TimelineHistory history(ReplayLog log) {
        Path folder = workspace.copy().resolve("pg_wal");
        String suffix = ".history";
        try (Stream<Path> files = Files.list(folder)) {
            Path file = files.filter(path -> path.getFileName().toString().endsWith(suffix))
                    .filter(path -> log.newTimeline() == 0
                            || path.getFileName()
                                    .toString()
                                    .equals(String.format(Locale.ROOT, "%08X", log.newTimeline()) + suffix))
                    .max(Comparator.comparing(path -> path.getFileName().toString()))
                    .orElseThrow(() -> new RecoveryFailure(
                            FailureCode.RECOVERY_POINT_WRONG,
                            "the copy has no history of a new timeline in %s: it was not promoted".formatted(folder),
                            "abort this run and start a new one; the log is in " + workspace.logs()));
            int timeline =
                    Integer.parseUnsignedInt(file.getFileName().toString().substring(0, 8), 16);
            return TimelineHistory.parse(timeline, Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw FileTrees.failed("read the histories in " + folder, e);
        }
    }

    /** The end of the last complete record in the last segment that can be had on the plan's timeline. */
    private Lsn endOfKnownWal(WalSegmentSize size) {
        String last = lastKnownSegment();
        WalSegment segment = size.parse(last);
        Path file = workspace.wal().resolve(".last");
        try {
            Path salvaged = workspace.salvaged().resolve(last);
            if (archive.fetch(last, file).isEmpty()) {
                if (Files.exists(salvaged)) {
                    Files.copy(salvaged, file, StandardCopyOption.REPLACE_EXISTING);
                } else if (!archive.fetchUnfinished(last, file)) {
                    // A hole, which the replay will name.
                    return size.startOf(segment);
                }
            }
            try (var bytes = Files.newInputStream(file)) {
                Lsn end = new WalReader(size, new WalReader.Listener() {})
                        .read(segment, bytes)
                        .end();
                return end == null ? size.startOf(segment) : end;
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw FileTrees.failed("read " + last, e);
        }
    }

    private String lastKnownSegment() {
        TreeSet<String> names = new TreeSet<>(List.of(plan.lastSegment()));
        String prefix = String.format(Locale.ROOT, "%08X", plan.timeline());
        names.addAll(archive.names().getOrDefault(plan.timeline(), new TreeSet<>()));
        try (Stream<Path> salvaged = Files.list(workspace.salvaged())) {
            salvaged.map(path -> path.getFileName().toString()).forEach(names::add);
        } catch (IOException e) {
            throw FileTrees.failed("list " + workspace.salvaged(), e);
        }
        names.removeIf(name -> !WalSegmentSize.isSegmentName(name) || !name.startsWith(prefix));
        return names.isEmpty() ? plan.lastSegment() : names.last();
    }

    private static @Nullable Instant latest(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }
}
