package dev.lifeboat.workflows.runbook.dumprestore;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.runbook.RunRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param backup      {@code latest}, an ID of the catalogue, an address in the bucket or a path on the worker's host
 * @param into        name of the restored database; null to make one up
 * @param clean       it takes the live one's place
 * @param jobs        connections that load at once; 0 for as many as the worker's host has cores
 * @param tables      only these, with schema or without; empty for all
 * @param strictSniff refuse a dump whose name does not say what it is
 * @param allowSql    run plain SQL too
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DumpRestoreInput(
        RunRequest request,
        String cluster,
        String database,
        String backup,
        @Nullable String into,
        boolean clean,
        int jobs,
        List<String> tables,
        boolean strictSniff,
        boolean allowSql) {}
