package dev.lifeboat.workflows.runbook;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stands, the answer to the query {@code status}.
 *
 * @param machineTime what counts against the RTO so far
 * @param humanWait   what does not
 * @param waitingFor  null while nobody has to decide anything
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunStatus(
        String runbook,
        String run,
        String runId,
        RunMode mode,
        Instant startedAt,
        Objectives objectives,
        Duration machineTime,
        Duration humanWait,
        List<StepRecord> steps,
        @Nullable WaitingFor waitingFor) {

    /**
     * @param kind     {@code approval} or {@code decision}
     * @param question what is asked, with the facts; several lines
     * @param answers  the commands that answer it, for example {@code retry}, {@code abort}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record WaitingFor(
            String kind,
            String step,
            String question,
            String hint,
            List<String> answers,
            Instant since,
            @Nullable String planDigest) {}
}
