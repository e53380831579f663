package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a plan must know of tablespaces outside of the data directory.
 *
 * @param sites      every folder in which a tablespace of the live cluster or of one of its base backups lies
 * @param creations  every {@code CREATE TABLESPACE} in WAL that can be had
 * @param dataDevice the file system that the copy's data directory would be on; empty when it is not known
 */
public record TablespaceFacts(List<Site> sites, List<Creation> creations, String dataDevice) {

    /** Of a cluster that never had any. */
    public static final TablespaceFacts NONE = new TablespaceFacts(List.of(), List.of(), "");

    /**
     * @param location as it was given when the tablespace was made
     * @param device   the file system it is on; the same text means the same one
     * @param free     bytes free on it; -1 when that is not known
     * @param obstacle why nothing can be put there, a sentence; null when it can
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Site(String location, String device, long free, @Nullable String obstacle) {}

    /**
     * A record that makes a tablespace at an absolute place, which whoever replays it goes to, a copy like the original.
     *
     * @param timeline on whose own part of the log it lies
     */
    public record Creation(int timeline, Lsn start, Lsn end, String oid, String location) {}
}
