package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code <dump>.manifest.json}, written last: without it there is no dump. The names of the first fields are those of
 * {@link Dump}.
 *
 * @param bytes         of the archive as {@code pg_dump} wrote it
 * @param storedBytes   of archive and globals in the bucket
 * @param encoding      of the database, with its {@code collation} and {@code characterClass}: what a new one must have
 * @param archive       the object of the archive, in the manifest's folder
 * @param globals       roles, tablespaces and settings of the whole cluster
 * @param facts         what it held in the snapshot of the dump
 * @param runId         the Temporal run that took it
 * @param worker        who did
 * @param tools         versions of the programs that took part
 * @param lsn           taken just after the snapshot: everything that the dump holds was logged before it, on a standby was
 *     replayed before it. Null in manifests of before
 * @param expiringSince when retention decided that it goes: it is no dump any more, and its objects go before this does
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DumpManifest(
        int format,
        String id,
        String cluster,
        String database,
        String systemId,
        int serverVersion,
        Instant startedAt,
        Instant endedAt,
        long bytes,
        long storedBytes,
        String owner,
        String encoding,
        String collation,
        String characterClass,
        Stored archive,
        Stored globals,
        DatabaseFacts facts,
        String runId,
        String worker,
        Map<String, String> tools,
        @Nullable Lsn lsn,
        @Nullable Instant expiringSince) {

    static final int FORMAT = 1;

    /**
     * One object.
     *
     * @param key    relative to the prefix of the bucket
     * @param bytes  plain, before it was compressed
     * @param sha256 of what is stored, as {@code DataObjects} notes it
     */
    record Stored(String key, long bytes, long storedBytes, String sha256) {}

    /** Whether what was read is whole and about this dump: what is no manifest may be JSON all the same. */
    boolean isOf(String wantedCluster, String wantedId) {
        return wantedCluster.equals(cluster)
                && wantedId.equals(id)
                && Stream.of(database, systemId, startedAt, endedAt, archive, globals, facts)
                        .allMatch(Objects::nonNull);
    }

    Dump toDump(@Nullable Instant provedAt) {
        return new Dump(
                id, cluster, database, systemId, serverVersion, startedAt, endedAt, bytes, storedBytes, provedAt);
    }
}
