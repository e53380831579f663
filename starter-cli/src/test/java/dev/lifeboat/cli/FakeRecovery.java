package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recovery of one step. The reason it was started with says how it goes: {@code gate} waits for an approval, {@code
 * failed} for a decision, {@code refused} ends at once, a number is its exit code.
 */
public final class FakeRecovery implements PitrRecoveryWorkflow {

    private static final String STEP = "take-lease";

    private Instant startedAt = Instant.EPOCH;
    private @Nullable WaitingFor waiting;
    private StepState state = StepState.RUNNING;
    private int exitCode;

    @Override
    public RunReport recover(PitrRecoveryInput input) {
        RunRequest request = input.request();
        startedAt = now();
        switch (request.reason()) {
            case "gate" -> ask("approval", List.of("approve", "reject"));
            case "failed" -> ask("decision", List.of("retry", "abort"));
            case "refused" ->
                throw new RecoveryFailure(FailureCode.LEASE_HELD, "the lease is held by another", "wait for it");
            case "" -> exitCode = 0;
            default -> exitCode = Integer.parseInt(request.reason());
        }
        Workflow.await(() -> waiting == null);
        Workflow.await(Workflow::isEveryHandlerFinished);
        state = StepState.DONE;
        return report(request);
    }

    private void ask(String kind, List<String> answers) {
        state = kind.equals("approval") ? StepState.WAITING : StepState.FAILED;
        waiting = new WaitingFor(kind, STEP, "replace the live data?", "think twice", answers, now(), null);
    }

    private RunReport report(RunRequest request) {
        Verdict pass = Verdict.PASS;
        return new RunReport(
                RunReport.FORMAT,
                "pitr-recovery",
                Workflow.getInfo().getWorkflowId(),
                Workflow.getInfo().getRunId(),
                RunMode.RECOVERY,
                request.requestedBy(),
                request.reason(),
                List.of("1@here"),
                0,
                startedAt,
                now(),
                request.typed(),
                new Verdicts(pass, pass, pass, pass, pass),
                exitCode,
                request.objectives(),
                new Achieved(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ZERO),
                null,
                null,
                List.of(step()),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
    }

    private StepRecord step() {
        return new StepRecord(STEP, state, 1, startedAt, null, null, "number 1");
    }

    @Override
    public RunStatus status() {
        return new RunStatus(
                "pitr-recovery",
                Workflow.getInfo().getWorkflowId(),
                Workflow.getInfo().getRunId(),
                RunMode.RECOVERY,
                startedAt,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Duration.ZERO,
                Duration.ZERO,
                List.of(step()),
                waiting);
    }

    @Override
    public RunStatus approve(GateAnswer answer) {
        waiting = null;
        return status();
    }

    @Override
    public void validateApprove(GateAnswer answer) {
        if (waiting == null || !waiting.step().equals(answer.step())) {
            throw new RecoveryFailure(
                    FailureCode.NOT_WAITING,
                    "cannot approve %s: the run is at step %s".formatted(answer.step(), STEP),
                    "follow it with 'lifeboat status'");
        }
    }

    @Override
    public RunStatus reject(GateAnswer answer) {
        exitCode = 5;
        waiting = null;
        return status();
    }

    @Override
    public void validateReject(GateAnswer answer) {
        validateApprove(answer);
    }

    @Override
    public RunStatus retry(Decision decision) {
        waiting = null;
        return status();
    }

    @Override
    public void validateRetry(Decision decision) {}

    @Override
    public RunStatus skip(Decision decision) {
        return status();
    }

    @Override
    public void validateSkip(Decision decision) {
        throw new RecoveryFailure(FailureCode.SKIP_NOT_ALLOWED, "cannot skip " + STEP, "answer retry or abort");
    }

    @Override
    public RunStatus abort(Decision decision) {
        exitCode = 5;
        waiting = null;
        return status();
    }

    @Override
    public void validateAbort(Decision decision) {}

    private static Instant now() {
        return Instant.ofEpochMilli(Workflow.currentTimeMillis());
    }
}
