package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the manifest of a dump says of it, without what it holds.
 *
 * @param id            unique within a cluster, {@code dev_platform_2026-02-15_020000}: database and begin in UTC
 * @param serverVersion as {@code server_version_num}, for example 150018
 * @param startedAt     when its snapshot was taken: it holds what was committed then, and nothing later
 * @param endedAt       when it was whole in the bucket
 * @param bytes         of the archive as {@code pg_dump} wrote it
 * @param storedBytes   of the objects in the bucket
 * @param provedAt      when a restore of it was last proved; null while it never was
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Dump(
        String id,
        String cluster,
        String database,
        String systemId,
        int serverVersion,
        Instant startedAt,
        Instant endedAt,
        long bytes,
        long storedBytes,
        @Nullable Instant provedAt) {}
