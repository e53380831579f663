package dev.lifeboat.activities.postgres;

import java.util.List;

/**
 * One complete {@code .tar.zst} of a base backup.
 *
 * @param number     from 1, in the order in which they were cut
 * @param size       bytes as stored
 * @param sha256     of the stored bytes, in lower-case hexadecimal
 * @param plainBytes of the tar
 * @param files      the names of its regular files, relative to the data directory
 * @param tablespace OID of the tablespace whose root the names are relative to; empty for the data directory
 */
record Chunk(int number, long size, String sha256, long plainBytes, List<String> files, String tablespace) {

    /** The name under which PostgreSQL's own manifest of a base backup lists a file of this chunk. */
    String pathOf(String file) {
        return tablespace.isEmpty() ? file : CopyTablespaces.LINKS + "/" + tablespace + "/" + file;
    }

    boolean holdsControlFile() {
        return files.contains(BaseBackupManifest.CONTROL_FILE);
    }
}
