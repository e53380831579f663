package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a recovery's plan is decided from, as read at one moment from the bucket and the live disk.
 *
 * @param systemId    of the cluster whose backups these are; from the live control file, else from the newest backup
 * @param backups     those of this system identifier, oldest first
 * @param timelines   every timeline with archived or live WAL, by number
 * @param locations   where the target lies, one for each timeline on whose own part it was found; of a time more than
 *                    one where the log passed it more than once; of restore points the newest on the way to each timeline
 * @param obstacles   what stands in the way whatever the target, each a failure code, a colon, a blank and a sentence:
 *                    {@code SWAP_IMPOSSIBLE: /srv/pg is a mount point}
 * @param tablespaces what must be known of those outside of the data directory
 * @param noted       who read them and at which attempt; null in facts that were stored before this was noted
 * @param unusable    base backups of this system identifier that are finished and cannot be taken
 * @param returns     where the log, having passed the time that was asked for, comes back to before it
 * @param clockSteps  every place where the times of the log go back, whatever the target; the position is that of the
 *                    segment
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecoveryFacts(
        String cluster,
        String systemId,
        WalSegmentSize segmentSize,
        List<BaseBackup> backups,
        List<TimelineFacts> timelines,
        List<TargetLocation> locations,
        LiveCluster live,
        Space space,
        List<String> writers,
        List<String> obstacles,
        Instant readAt,
        TablespaceFacts tablespaces,
        @Nullable StepOutcome noted,
        List<UnusableBackup> unusable,
        List<ClockStep> returns,
        List<ClockStep> clockSteps)
        implements Outcome<RecoveryFacts> {

    public RecoveryFacts {
        // Facts that were read before there were tablespaces say nothing of them, and had none.
        tablespaces = orNone(tablespaces);
        unusable = orNone(unusable);
        returns = orNone(returns);
        clockSteps = orNone(clockSteps);
    }

    /** Those of a server whose clock never went back. */
    public RecoveryFacts(
            String cluster,
            String systemId,
            WalSegmentSize segmentSize,
            List<BaseBackup> backups,
            List<TimelineFacts> timelines,
            List<TargetLocation> locations,
            LiveCluster live,
            Space space,
            List<String> writers,
            List<String> obstacles,
            Instant readAt,
            TablespaceFacts tablespaces,
            @Nullable StepOutcome noted,
            List<UnusableBackup> unusable) {
        this(
                cluster,
                systemId,
                segmentSize,
                backups,
                timelines,
                locations,
                live,
                space,
                writers,
                obstacles,
                readAt,
                tablespaces,
                noted,
                unusable,
                List.of(),
                List.of());
    }

    /** Those of a cluster without additional tablespaces, which nobody has noted down yet. */
    public RecoveryFacts(
            String cluster,
            String systemId,
            WalSegmentSize segmentSize,
            List<BaseBackup> backups,
            List<TimelineFacts> timelines,
            List<TargetLocation> locations,
            LiveCluster live,
            Space space,
            List<String> writers,
            List<String> obstacles,
            Instant readAt) {
        this(
                cluster,
                systemId,
                segmentSize,
                backups,
                timelines,
                locations,
                live,
                space,
                writers,
                obstacles,
                readAt,
                TablespaceFacts.NONE,
                null,
                List.of());
    }

    private static <T> List<T> orNone(@Nullable List<T> read) {
        return read == null ? List.of() : List.copyOf(read);
    }

    private static TablespaceFacts orNone(@Nullable TablespaceFacts read) {
        return read == null ? TablespaceFacts.NONE : read;
    }

    @Override
    public StepOutcome outcome() {
        return noted == null ? StepOutcome.of("", "") : noted;
    }

    @Override
    public RecoveryFacts withOutcome(StepOutcome outcome) {
        return new RecoveryFacts(
                cluster,
                systemId,
                segmentSize,
                backups,
                timelines,
                locations,
                live,
                space,
                writers,
                obstacles,
                readAt,
                tablespaces,
                outcome,
                unusable,
                returns,
                clockSteps);
    }

    public RecoveryFacts withUnusable(List<UnusableBackup> found) {
        return new RecoveryFacts(
                cluster,
                systemId,
                segmentSize,
                backups,
                timelines,
                locations,
                live,
                space,
                writers,
                obstacles,
                readAt,
                tablespaces,
                noted,
                found,
                returns,
                clockSteps);
    }

    /** The same of a server whose clock went back. */
    public RecoveryFacts withClock(List<ClockStep> timeReturns, List<ClockStep> steps) {
        return new RecoveryFacts(
                cluster,
                systemId,
                segmentSize,
                backups,
                timelines,
                locations,
                live,
                space,
                writers,
                obstacles,
                readAt,
                tablespaces,
                noted,
                unusable,
                timeReturns,
                steps);
    }

    /**
     * The clock of the server's host went back, by more than transactions that end side by side can differ.
     *
     * @param timeline on whose own part it is
     * @param at       where the commit with the earlier time begins, or the segment that holds it
     * @param from     the latest time of a transaction's end before it
     * @param to       its time
     */
    public record ClockStep(int timeline, Lsn at, Instant from, Instant to) {}

    /** @param why a part of a sentence, for example that its manifest cannot be understood */
    public record UnusableBackup(String id, String why) {}

    /**
     * @param history    how it came about; null when its history file is missing though it is not the first
     * @param available  whole segments that can be had, in the bucket or on the live disk, as ranges in order
     * @param firstCommitAt first commit in its available WAL; null when it holds none
     * @param lastCommitAt  last one
     * @param end        end of the last complete record that can be had
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TimelineFacts(
            int timeline,
            @Nullable TimelineHistory history,
            List<SegmentRange> available,
            @Nullable Instant firstCommitAt,
            @Nullable Instant lastCommitAt,
            @Nullable Lsn end) {}

    /**
     * @param from  first segment number
     * @param to    last segment number, inclusive
     * @param where {@code bucket} or {@code live}
     */
    public record SegmentRange(long from, long to, String where) {}

    /**
     * Where a target lies on one timeline.
     *
     * @param stopLsn      where recovery will stop: begin of the record before which, or end of the record after which
     * @param lastCommitAt the last commit that will be in; null when none is known
     * @param nextCommitAt the first commit that will not be in; null when the target is at the end of WAL
     * @param namesakeLsn  end of the restore point of the same name that comes before it on the way; null without one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TargetLocation(
            int timeline,
            Lsn stopLsn,
            @Nullable Instant lastCommitAt,
            @Nullable Instant nextCommitAt,
            @Nullable Lsn namesakeLsn) {

        public TargetLocation(
                int timeline, Lsn stopLsn, @Nullable Instant lastCommitAt, @Nullable Instant nextCommitAt) {
            this(timeline, stopLsn, lastCommitAt, nextCommitAt, null);
        }

        public boolean isSamePlace(TargetLocation other) {
            return timeline == other.timeline && stopLsn.equals(other.stopLsn);
        }
    }

    /**
     * @param state         as found
     * @param dataDirectory its configured place
     * @param serverVersion as server_version_num; 0 when it cannot be read
     * @param port          its configured port
     * @param standbys      who streams from it now, in words; none are known of a server that does not run
     */
    public record LiveCluster(
            LiveState state, String dataDirectory, int serverVersion, int port, List<String> standbys) {

        public LiveCluster {
            // Facts that were read before standbys were looked for say nothing of them.
            standbys = orNone(standbys);
        }

        public LiveCluster(LiveState state, String dataDirectory, int serverVersion, int port) {
            this(state, dataDirectory, serverVersion, port, List.of());
        }

        private static List<String> orNone(@Nullable List<String> read) {
            return read == null ? List.of() : List.copyOf(read);
        }
    }

    /** From healthy to gone altogether. */
    public enum LiveState {
        RUNNING,
        REFUSING_CONNECTIONS,
        STOPPED,
        DAMAGED,
        GONE
    }

    /** Bytes: free beside the data directory, and used by it. */
    public record Space(long free, long dataDirectory) {}
}
