package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Upload.Uploaded;
import java.util.List;

/**
 * One complete {@code .tar.zst} of a base backup.
 *
 * @param number     from 1, in the order in which they were cut
 * @param size       bytes as stored
 * @param sha256     of the stored bytes, but the header of an encrypted one, in lower-case hexadecimal
 * @param plainBytes of the tar
 * @param files      the names of its regular files, relative to the data directory
 * @param tablespace OID of the tablespace whose root the names are relative to; empty for the data directory
 * @param encrypted  then {@code .enc} is at the end of its name
 */
record Chunk(
        int number,
        long size,
        String sha256,
        long plainBytes,
        List<String> files,
        String tablespace,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean encrypted) {

    /** One that is not encrypted. */
    Chunk(int number, long size, String sha256, long plainBytes, List<String> files, String tablespace) {
        this(number, size, sha256, plainBytes, files, tablespace, false);
    }

    static Chunk of(int number, Uploaded stored, long plainBytes, List<String> files, String tablespace) {
        return new Chunk(
                number,
                stored.size(),
                stored.sha256(),
                plainBytes,
                List.copyOf(files),
                tablespace,
                DataObjects.isEncrypted(stored.key()));
    }

    /** Where it lies in the bucket. */
    String key(String cluster, String systemId, String backupId) {
        String key = BucketLayout.chunk(cluster, systemId, backupId, number);
        return encrypted ? key + DataObjects.ENCRYPTED : key;
    }

    /** The name under which PostgreSQL's own manifest of a base backup lists a file of this chunk. */
    String pathOf(String file) {
        return tablespace.isEmpty() ? file : CopyTablespaces.LINKS + "/" + tablespace + "/" + file;
    }

    boolean holdsControlFile() {
        return files.contains(BaseBackupManifest.CONTROL_FILE);
    }
}
