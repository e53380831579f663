package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code manifest.json} of a base backup, written last: without it there is no backup. The names of the first fields are
 * those of {@link BaseBackup}.
 *
 * @param runId       the Temporal run that took it
 * @param worker      who did
 * @param settings    those that a recovery must not have smaller, for example {@code max_connections}
 * @param tools       versions of the programs that took part
 * @param outside     configuration files outside of the data directory: their original places, and where they are
 *                    in the chunks, below {@link #OUTSIDE_FOLDER}
 * @param tablespaces additional ones by OID; each in chunks of its own
 * @param controlFileChunk number of the chunk that holds {@code global/pg_control}, always the last
 * @param expiringSince when retention decided that it goes: it is no backup any more, and its chunks go before this does
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record BaseBackupManifest(
        int format,
        String id,
        String cluster,
        String systemId,
        int serverVersion,
        int timeline,
        Lsn startLsn,
        Lsn endLsn,
        WalSegmentSize walSegmentSize,
        Instant startedAt,
        Instant endedAt,
        long bytes,
        long storedBytes,
        String runId,
        String worker,
        Map<String, Integer> settings,
        Map<String, String> tools,
        List<OutsideFile> outside,
        Map<String, Place> tablespaces,
        int controlFileChunk,
        @Nullable List<Chunk> chunks,
        @Nullable Instant provedAt,
        @Nullable Instant expiringSince) {

    static final int FORMAT = 1;

    /** One that is to stay. */
    BaseBackupManifest(
            int format,
            String id,
            String cluster,
            String systemId,
            int serverVersion,
            int timeline,
            Lsn startLsn,
            Lsn endLsn,
            WalSegmentSize walSegmentSize,
            Instant startedAt,
            Instant endedAt,
            long bytes,
            long storedBytes,
            String runId,
            String worker,
            Map<String, Integer> settings,
            Map<String, String> tools,
            List<OutsideFile> outside,
            Map<String, Place> tablespaces,
            int controlFileChunk,
            @Nullable List<Chunk> chunks,
            @Nullable Instant provedAt) {
        this(
                format,
                id,
                cluster,
                systemId,
                serverVersion,
                timeline,
                startLsn,
                endLsn,
                walSegmentSize,
                startedAt,
                endedAt,
                bytes,
                storedBytes,
                runId,
                worker,
                settings,
                tools,
                outside,
                tablespaces,
                controlFileChunk,
                chunks,
                provedAt,
                null);
    }

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** PostgreSQL's own manifest of the files, as it wrote it, in the last chunk. */
    static final String BACKUP_MANIFEST = "backup_manifest";

    static final String CONTROL_FILE = "global/pg_control";

    /** Where the last chunk holds copies of files from outside of the data directory; not part of a data directory. */
    static final String OUTSIDE_FOLDER = "lifeboat-outside/";

    /**
     * An additional tablespace.
     *
     * @param location the folder that it lay in; relative for one inside the data directory
     * @param bytes    plain, of its tar
     */
    record Place(String name, String location, long bytes) {}

    /** @param entry its name in the last chunk */
    record OutsideFile(String path, String entry) {}

    /** A backup is named by its begin, which is all that is known of one without a readable manifest. */
    static Optional<Instant> beganAt(String id) {
        try {
            return Optional.of(Instant.from(NAME.parse(id)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The chunks of a manifest that was read whole. */
    List<Chunk> allChunks() {
        return chunks == null ? List.of() : chunks;
    }

    /** Whether what was read is whole and about this backup: what is no manifest may be JSON all the same. */
    boolean isOf(String wantedSystemId, String wantedId) {
        return wantedSystemId.equals(systemId)
                && wantedId.equals(id)
                && Stream.of(
                                cluster,
                                startLsn,
                                endLsn,
                                walSegmentSize,
                                startedAt,
                                endedAt,
                                settings,
                                outside,
                                tablespaces)
                        .allMatch(Objects::nonNull);
    }

    BaseBackup toBackup() {
        return new BaseBackup(
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
                allChunks().size(),
                provedAt,
                tablespaces.entrySet().stream()
                        .map(each -> new Tablespace(
                                each.getKey(),
                                each.getValue().name(),
                                each.getValue().location(),
                                each.getValue().bytes()))
                        .toList());
    }
}
