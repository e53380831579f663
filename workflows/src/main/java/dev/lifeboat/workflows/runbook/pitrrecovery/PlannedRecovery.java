package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What planning came to.
 *
 * @param plan     null when there is any refusal
 * @param refusals every reason why it cannot be done, each with its hint
 */
public record PlannedRecovery(@Nullable RecoveryPlan plan, List<RecoveryFailure> refusals) {

    /** @throws RecoveryFailure with the code of the first reason and the words of all of them */
    RecoveryPlan orThrow() {
        if (refusals.isEmpty()) {
            return Objects.requireNonNull(plan);
        }
        FailureCode code = refusals.get(0).code();
        throw new RecoveryFailure(
                code,
                refusals.stream().map(RecoveryFailure::getMessage).collect(Collectors.joining("\n")),
                refusals.stream().map(RecoveryFailure::hint).distinct().collect(Collectors.joining("\n")));
    }
}
