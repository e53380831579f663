package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The WAL that one plan replays. What the archive gives is compared with what is known of it: whose it is, where it
 * belongs, which timeline its begin lies on, and the checksum that was noted when it was archived. Where it is none of
 * that, another copy is looked for that is: on the live disk, among what was saved of it, among the versions that the
 * bucket keeps. PostgreSQL sees none that disagrees.
 */
final class PlannedWal implements WalSupply {

    private static final String NOTE = "replaced-wal";

    private final RecoveryWorkspace workspace;
    private final NeededWal path;
    private final WalArchive archive;
    private final Path liveWal;
    private final Map<String, Map<String, SegmentSummary>> indexes = new ConcurrentHashMap<>();

    /** @param liveWal the live {@code pg_wal}, looked up by name for each segment; it need not exist */
    PlannedWal(RecoveryWorkspace workspace, NeededWal path, WalArchive archive, Path liveWal) {
        this.workspace = workspace;
        this.path = path;
        this.archive = archive;
        this.liveWal = liveWal;
    }

    /** What the report says of segments that came from elsewhere, by all attempts on this copy. */
    static List<Finding> findings(RecoveryWorkspace workspace) {
        if (!workspace.has(NOTE)) {
            return List.of();
        }
        return workspace
                .read(NOTE)
                .lines()
                .filter(line -> !line.isBlank())
                .distinct()
                .map(line -> new Finding(
                        "high", line, "put the intact copy back into the bucket, and look who wrote the other one"))
                .toList();
    }

    @Override
    public boolean fetch(String name, Path into) throws IOException {
        if (!path.needs(name)) {
            return archive.fetch(name, into).isPresent() || fetchUnfinished(name, into);
        }
        Optional<String> wrong;
        FailureCode code = FailureCode.WAL_DAMAGED;
        try {
            Optional<WalArchive.Fetched> found = archive.fetch(name, into, () -> archive.open(name));
            wrong = found.isPresent()
                    ? disagreement(name, found.get())
                    : Optional.of(archive.address(name) + " is not there");
            if (wrong.isEmpty()) {
                return true;
            }
            if (found.isEmpty() && Files.exists(workspace.salvaged().resolve(name))) {
                // What was saved of the live disk is known to be the best there is of it, whole or not.
                return false;
            }
            if (found.isEmpty()) {
                return fromElsewhere(name, into, wrong.get(), new ArrayList<>()) || fetchUnfinished(name, into);
            }
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.WAL_DAMAGED && e.code() != FailureCode.WRONG_SYSTEM_ID) {
                throw e;
            }
            wrong = Optional.of(String.valueOf(e.getMessage()));
            code = e.code();
        }
        List<String> others = new ArrayList<>();
        if (fromElsewhere(name, into, wrong.get(), others)) {
            return true;
        }
        Files.deleteIfExists(into);
        throw new RecoveryFailure(
                code,
                "cannot replay %s, which is needed up to %s: %s; no other copy of it is intact: %s"
                        .formatted(name, path.plan().lastSegment(), wrong.get(), String.join("; ", others)),
                "put an intact copy of %s there, from a standby or an older version of the object, then 'lifeboat retry'; or abort and choose a target before %s"
                        .formatted(name, path.size().startOf(path.size().parse(name))));
    }

    /** The end of a branch that was left: the archive holds no more of it than what was saved when its server died. */
    private boolean fetchUnfinished(String name, Path into) {
        return WalSegmentSize.isSegmentName(name)
                // What this run saved itself is served by the feeder, and is the newer.
                && !Files.exists(workspace.salvaged().resolve(name))
                && archive.fetchUnfinished(name, into);
    }

    private interface Copy {
        InputStream open() throws IOException;
    }

    private boolean fromElsewhere(String name, Path into, String wrong, List<String> others) throws IOException {
        for (Path folder : List.of(workspace.salvaged(), liveWal)) {
            Path file = folder.resolve(name);
            if (!Files.isRegularFile(file)) {
                others.add("there is no " + file);
            } else if (take(name, into, wrong, file.toString(), () -> Files.newInputStream(file), others)) {
                return true;
            }
        }
        for (WalArchive.OtherCopy copy : otherCopies(name, others)) {
            if (take(name, into, wrong, copy.where(), copy.source()::open, others)) {
                return true;
            }
        }
        return false;
    }

    private List<WalArchive.OtherCopy> otherCopies(String name, List<String> others) {
        try {
            List<WalArchive.OtherCopy> copies = archive.otherCopies(name);
            if (copies.isEmpty()) {
                others.add("the bucket keeps no earlier version of it");
            }
            return copies;
        } catch (RecoveryFailure e) {
            // It must not take the place of what is wrong with the segment.
            others.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    private boolean take(String name, Path into, String wrong, String where, Copy copy, List<String> others)
            throws IOException {
        try {
            Optional<WalArchive.Fetched> found = archive.fetch(name, into, copy::open);
            Optional<String> problem = found.isEmpty()
                    ? Optional.of("it is gone")
                    : disagreement(name, found.get()).or(() -> unfinished(name, into));
            if (problem.isPresent()) {
                Files.deleteIfExists(into);
                others.add(where + ": " + problem.get());
                return false;
            }
        } catch (RecoveryFailure e) {
            others.add(where + ": " + e.getMessage());
            return false;
        }
        note("WAL segment %s was taken from %s, since in the archive it is not intact: %s"
                .formatted(name, where, wrong.replace('\n', ' ')));
        return true;
    }

    private synchronized void note(String line) {
        Transcript.note(line);
        String before = workspace.has(NOTE) ? workspace.read(NOTE) : "";
        if (before.lines().noneMatch(line::equals)) {
            workspace.write(NOTE, before + line + "\n");
        }
    }

    /** Of one whose checksum nobody noted: a server may still have been writing to it. */
    private Optional<String> unfinished(String name, Path file) {
        if (noted(name).isPresent()) {
            return Optional.empty();
        }
        try (InputStream bytes = Files.newInputStream(file)) {
            boolean whole = new WalSummarizer(path.size())
                    .summarize(path.size().parse(name), bytes)
                    .whole();
            return whole ? Optional.empty() : Optional.of("its WAL ends in the middle");
        } catch (IOException e) {
            throw FileTrees.failed("read " + file, e);
        }
    }

    /** What is wrong with these bytes under this name, as a part of a sentence. */
    private Optional<String> disagreement(String name, WalArchive.Fetched found) {
        WalSegment segment = path.size().parse(name);
        Lsn start = path.size().startOf(segment);
        int timeline = timelineAt(start);
        if (found.timeline() != timeline) {
            return Optional.of(
                    "it begins with WAL of timeline %d, where on the way to timeline %d that of timeline %d belongs (%s)"
                            .formatted(found.timeline(), path.plan().timeline(), timeline, start));
        }
        return noted(name)
                .filter(noted -> !noted.equals(found.crc32c()))
                .map(noted -> "its CRC32C is %s, the index beside it (%s) says %s"
                        .formatted(found.crc32c(), archive.indexAddress(name), noted));
    }

    /** The checksum that the segment had when it was archived; empty where the index does not say. */
    private Optional<String> noted(String name) {
        SegmentSummary summary = indexes.computeIfAbsent(WalIndex.nameFor(name), index -> WalIndex.read(archive, index))
                .get(name);
        return Optional.ofNullable(summary).map(SegmentSummary::crc32c).filter(Objects::nonNull);
    }

    private int timelineAt(Lsn start) {
        for (Leg leg : path.plan().path()) {
            if (leg.until() == null || start.isBefore(leg.until())) {
                return leg.timeline();
            }
        }
        return path.plan().timeline();
    }
}
