package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a restore of a dump will do.
 *
 * @param restored     name of the new database
 * @param kept         name that the replaced one gets; null where none is replaced
 * @param clean        whether the restored database takes the place of the live one
 * @param liveExists   whether there is one
 * @param jobs         connections that load at once
 * @param tables       only these; empty for all
 * @param allowSql     whether plain SQL may be run
 * @param lastCommitAt when the live database is known to have committed last: what is lost is counted up to there
 * @param digest       of the decisions
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DumpRestorePlan(
        String cluster,
        String database,
        String restored,
        @Nullable String kept,
        boolean clean,
        boolean liveExists,
        Source source,
        int jobs,
        List<String> tables,
        boolean allowSql,
        List<String> writers,
        @Nullable Instant lastCommitAt,
        String digest) {

    /** Where a dump is looked for. */
    public enum Kind {
        /** One of the catalogue, with a manifest that the restored copy is compared with. */
        DUMP,
        /** An object of the bucket without a manifest. */
        OBJECT,
        /** A file on the worker's host. */
        FILE
    }

    /**
     * @param name an ID, an address or a path
     */
    public record Choice(Kind kind, String name) {}

    /**
     * What was found there.
     *
     * @param address       where the bytes are, for people
     * @param plainBytes    of the archive when it lies decompressed on the disk; 0 where nobody knows
     * @param databaseBytes about what the restored database takes
     * @param snapshotAt    it holds what was committed then, and nothing later; null where nobody knows
     * @param disagreements of its name with its bytes
     * @param lsn           what it holds was logged before this position; null where nobody knows
     * @param asked         what it has of the tables that were asked for; null where all are, and where nothing is missing
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Source(
            Choice choice,
            String address,
            DumpBytes bytes,
            long storedBytes,
            long plainBytes,
            long databaseBytes,
            @Nullable Instant snapshotAt,
            List<String> disagreements,
            @Nullable Lsn lsn,
            @Nullable AskedTables asked) {}

    /**
     * @param tables  how many the archive has
     * @param unknown those of the asked-for ones that are none of them
     * @param empty   those of which the archive has no rows: of a partitioned table its partitions have them
     */
    public record AskedTables(int tables, List<UnknownTable> unknown, List<String> empty) {}

    /**
     * @param kind what the archive has of that name instead, for people: {@code view}; empty for nothing
     * @param near tables that may have been meant, with their schema
     */
    public record UnknownTable(String name, String kind, List<String> near) {}
}
