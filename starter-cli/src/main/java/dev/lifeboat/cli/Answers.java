package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunStatus;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateHandle;
import io.temporal.client.WorkflowUpdateStage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Carries a person's answer to a run. An answer that the run refuses leaves no trace in it. */
final class Answers {

    private static final Duration ACCEPTED = Duration.ofSeconds(12);
    private static final Duration DONE = Duration.ofSeconds(5);

    private final Tool tool;

    Answers(Tool tool) {
        this.tool = tool;
    }

    /** {@code approve} or {@code reject}. */
    Optional<RunStatus> gate(RunHead run, String answer, String step, String reason) {
        return send(run, answer, new GateAnswer(step, tool.surroundings().person(), reason));
    }

    /** {@code retry}, {@code skip} or {@code abort}. */
    Optional<RunStatus> decide(RunHead run, String answer, String reason) {
        return send(run, answer, new Decision(tool.surroundings().person(), reason));
    }

    /** @return how the run stands then; empty when it is still busy with the answer */
    private Optional<RunStatus> send(RunHead run, String name, Object argument) {
        WorkflowStub stub = tool.gateway().stub(run.name(), run.runId());
        UpdateOptions<RunStatus> options = UpdateOptions.newBuilder(RunStatus.class)
                .setUpdateName(name)
                .setWaitForStage(WorkflowUpdateStage.ACCEPTED)
                .build();
        WorkflowUpdateHandle<RunStatus> handle = accepted(() -> stub.startUpdate(options, argument));
        try {
            return Optional.ofNullable(handle.getResultAsync(DONE.toMillis(), TimeUnit.MILLISECONDS)
                    .get(DONE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            if (isTimeout(e)) {
                return Optional.empty();
            }
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private interface Sending {
        WorkflowUpdateHandle<RunStatus> send();
    }

    /** The client waits for ever where no worker lives; the person does not. */
    private WorkflowUpdateHandle<RunStatus> accepted(Sending sending) {
        CompletableFuture<WorkflowUpdateHandle<RunStatus>> sent = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        sent.complete(sending.send());
                    } catch (RuntimeException e) {
                        sent.completeExceptionally(e);
                    }
                },
                "answer");
        thread.setDaemon(true);
        thread.start();
        try {
            return sent.get(ACCEPTED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw Inquiries.noWorker();
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Inquiries.noWorker();
        }
    }

    private static boolean isTimeout(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    private CliFailure failure(Throwable thrown) {
        return thrown instanceof WorkflowException && Failures.status(thrown).isEmpty()
                ? CliFailure.of(FailureTranslator.read(thrown))
                : tool.explain(thrown);
    }
}
