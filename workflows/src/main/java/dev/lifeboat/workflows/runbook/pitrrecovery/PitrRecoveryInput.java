package dev.lifeboat.workflows.runbook.pitrrecovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunRequest;
import org.jspecify.annotations.Nullable;

/**
 * @param exclusive stop just before the target rather than just after it
 * @param timeline  a number, {@code latest} or {@code current}; null for the newest in the archive
 * @param backup    insist on this base backup; null to let the plan choose
 * @param into      directory of a copy beside the live cluster; only with {@link Placement#INTO}
 * @param port      its port; 0 otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PitrRecoveryInput(
        RunRequest request,
        String cluster,
        RecoveryTarget target,
        boolean exclusive,
        @Nullable String timeline,
        @Nullable String backup,
        Placement placement,
        @Nullable String into,
        int port) {}
