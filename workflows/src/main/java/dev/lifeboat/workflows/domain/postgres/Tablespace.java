package dev.lifeboat.workflows.domain.postgres;

/**
 * An additional tablespace as a base backup found it.
 *
 * @param location the folder that was named when it was made; {@code pg_tblspc/OID} for one inside the data directory
 * @param bytes    plain size of what the backup holds of it
 */
public record Tablespace(String oid, String name, String location, long bytes) {

    /** Made with {@code allow_in_place_tablespaces}: a folder of the data directory, that goes where that goes. */
    public boolean liesInDataDirectory() {
        return !location.startsWith("/");
    }
}
