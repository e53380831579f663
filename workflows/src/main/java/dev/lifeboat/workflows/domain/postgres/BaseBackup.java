package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a base backup's manifest says of it, without the list of its chunks.
 *
 * @param id            its start in UTC, {@code 20260215T013000Z}; unique within a system identifier
 * @param bytes         plain size of all files
 * @param storedBytes   size of all chunks in the bucket
 * @param serverVersion as {@code server_version_num}, for example 150018
 * @param startedAt     when the copy began
 * @param endedAt       when the copy was consistent: no earlier target can be reached from it
 * @param provedAt      when a restore of it was last proved; null while it never was
 * @param tablespaces   additional ones that it holds
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BaseBackup(
        String id,
        String cluster,
        String systemId,
        int serverVersion,
        int timeline,
        Lsn startLsn,
        Lsn endLsn,
        Instant startedAt,
        Instant endedAt,
        long bytes,
        long storedBytes,
        int chunks,
        @Nullable Instant provedAt,
        List<Tablespace> tablespaces) {

    public BaseBackup {
        // What was written before there were tablespaces says nothing of them, and had none.
        tablespaces = orNone(tablespaces);
    }

    /** One without additional tablespaces. */
    public BaseBackup(
            String id,
            String cluster,
            String systemId,
            int serverVersion,
            int timeline,
            Lsn startLsn,
            Lsn endLsn,
            Instant startedAt,
            Instant endedAt,
            long bytes,
            long storedBytes,
            int chunks,
            @Nullable Instant provedAt) {
        this(
                id,
                cluster,
                systemId,
                serverVersion,
                timeline,
                startLsn,
                endLsn,
                startedAt,
                endedAt,
                bytes,
                storedBytes,
                chunks,
                provedAt,
                List.of());
    }

    private static List<Tablespace> orNone(@Nullable List<Tablespace> read) {
        return read == null ? List.of() : List.copyOf(read);
    }
}
