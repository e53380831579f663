package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a database held in one snapshot: that of a dump when it was taken, and what a restored copy is compared with, not
 * what production has become since.
 *
 * @param tables      every ordinary table and partition that a dump carries rows of, with its exact count. No materialised
 *     view: a restore fills it anew, so its count when it was last refreshed is no measure. Of a table that an extension has
 *     registered as its configuration, the rows that a dump carries
 * @param extensions  installed ones
 * @param sequences   all, with where they stood. They obey no snapshot: a dump carries this stand or a further one
 * @param largest     the table that takes the most room, indexes included; null where there is no table
 * @param revisions   what the tables of Alembic, Flyway and Liquibase say; empty where there is none
 * @param largeObjects how many
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatabaseFacts(
        List<Table> tables,
        List<Extension> extensions,
        List<Sequence> sequences,
        @Nullable Largest largest,
        List<Revision> revisions,
        long largeObjects) {

    /** @param rows exactly, as counted in the snapshot */
    public record Table(String schema, String name, long rows) {}

    public record Extension(String name, String version, String schema) {}

    /** @param called whether {@code last} was handed out already, as {@code is_called} of a sequence says */
    public record Sequence(String schema, String name, long last, boolean called) {}

    public record Largest(String schema, String name, long bytes) {}

    /** @param tool {@code alembic}, {@code flyway} or {@code liquibase} */
    public record Revision(String tool, String table, String revision) {}
}
