package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
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
public record PlannedVerification(@Nullable VerificationPlan plan, List<RecoveryFailure> refusals) {

    /** @throws RecoveryFailure with the code of the first reason and the words of all of them */
    VerificationPlan orThrow() {
        if (refusals.isEmpty()) {
            return Objects.requireNonNull(plan);
        }
        throw new RecoveryFailure(
                refusals.get(0).code(),
                refusals.stream().map(RecoveryFailure::getMessage).collect(Collectors.joining("\n")),
                refusals.stream().map(RecoveryFailure::hint).distinct().collect(Collectors.joining("\n")));
    }
}
