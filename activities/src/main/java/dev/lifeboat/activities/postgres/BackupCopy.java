package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.activities.postgres.BaseBackupManifest.Place;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A whole copy of a running server in chunks, all durable in the bucket.
 *
 * @param copiedAt   from here on the copy is consistent
 * @param bytes      plain, of its files
 * @param tablespaces additional ones by OID
 * @param tools      who gave it: the programs or functions of the server that took part, with their versions
 * @param way        how it was read, in words for people
 */
record BackupCopy(
        Ends ends,
        Instant copiedAt,
        long bytes,
        List<OutsideFile> outside,
        Map<String, Place> tablespaces,
        List<Chunk> chunks,
        Map<String, String> tools,
        String way) {

    /** @param end WAL up to here makes the copy consistent */
    record Ends(String systemId, int timeline, Lsn start, Lsn end) {}
}
