package dev.lifeboat.workflows.runbook.restoreverification;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.runbook.RunRequest;
import org.jspecify.annotations.Nullable;

/**
 * @param database    whose dump is restored; null for the cluster's own
 * @param backup      the id of one dump; null for the newest
 * @param random      any of the retained ones
 * @param proveChecks damage the restored copy on purpose and demand red
 * @param keep        leave the server running for a person
 * @param pointInTime what is promised of a recovery to a point in time, which is rehearsed too
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RestoreVerificationInput(
        RunRequest request,
        String cluster,
        @Nullable String database,
        @Nullable String backup,
        boolean random,
        boolean proveChecks,
        boolean keep,
        Objectives pointInTime) {}
