package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a recovery will do: decisions only, so that its digest changes when a decision does and not when a fact grows.
 *
 * @param timeline     the one to recover along, as a number
 * @param path         the timelines to replay, oldest first
 * @param stopLsn      where recovery will stop; null for {@code latest} and {@code immediate}
 * @param lastCommitAt the last commit that will be in; null when none is known
 * @param nextCommitAt the first that will not be in; null for the end of WAL
 * @param firstSegment name of the first WAL segment that is needed
 * @param lastSegment  name of the last one that is known to be needed; for {@code latest} the last known
 * @param lastArchivedCommitAt the last commit known on the path at planning, the measure of what is given up; null when unknown
 * @param digest       SHA-256 over the decisions, in hexadecimal
 * @param standbys     who streams from the live cluster, in words, where that is going to be replaced; no decision
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecoveryPlan(
        String cluster,
        String systemId,
        Placement placement,
        RecoveryTarget target,
        boolean exclusive,
        BaseBackup backup,
        int timeline,
        List<Leg> path,
        @Nullable Lsn stopLsn,
        @Nullable Instant lastCommitAt,
        @Nullable Instant nextCommitAt,
        String firstSegment,
        String lastSegment,
        int segments,
        @Nullable Instant lastArchivedCommitAt,
        Directories directories,
        List<String> writers,
        String digest,
        List<String> standbys) {

    public RecoveryPlan {
        // A plan that was made before standbys were looked for says nothing of them.
        standbys = orNone(standbys);
    }

    /** One of a cluster from which nobody streams. */
    public RecoveryPlan(
            String cluster,
            String systemId,
            Placement placement,
            RecoveryTarget target,
            boolean exclusive,
            BaseBackup backup,
            int timeline,
            List<Leg> path,
            @Nullable Lsn stopLsn,
            @Nullable Instant lastCommitAt,
            @Nullable Instant nextCommitAt,
            String firstSegment,
            String lastSegment,
            int segments,
            @Nullable Instant lastArchivedCommitAt,
            Directories directories,
            List<String> writers,
            String digest) {
        this(
                cluster,
                systemId,
                placement,
                target,
                exclusive,
                backup,
                timeline,
                path,
                stopLsn,
                lastCommitAt,
                nextCommitAt,
                firstSegment,
                lastSegment,
                segments,
                lastArchivedCommitAt,
                directories,
                writers,
                digest,
                List.of());
    }

    private static List<String> orNone(@Nullable List<String> read) {
        return read == null ? List.of() : List.copyOf(read);
    }

    /** @param until where the next leg takes over; null for the last */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Leg(int timeline, @Nullable Lsn until) {}

    /**
     * @param live      the configured data directory, never written to before the swap
     * @param copy      where the base backup is restored to
     * @param workspace Lifeboat's own folder beside it: prefetched WAL, logs, shims, the marker
     * @param port      where a copy beside the live cluster listens in the end; 0 when it never does
     * @param tablespaces where the copy's additional tablespaces go, never to where the originals are
     */
    public record Directories(String live, String copy, String workspace, int port, List<TablespacePlace> tablespaces) {

        public Directories {
            // A plan that was made before there were tablespaces says nothing of them, and had none.
            tablespaces = orNone(tablespaces);
        }

        public Directories(String live, String copy, String workspace, int port) {
            this(live, copy, workspace, port, List.of());
        }

        private static List<TablespacePlace> orNone(@Nullable List<TablespacePlace> read) {
            return read == null ? List.of() : List.copyOf(read);
        }
    }

    /**
     * One outside of the data directory.
     *
     * @param location of the original; the copy's place in the end, when it takes the place of the live cluster
     * @param copy     the folder that the copy uses in the stead of that one
     */
    public record TablespacePlace(String oid, String name, String location, String copy) {}
}
