package dev.lifeboat.worker;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.postgres.Outcome;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.client.ActivityCompletionException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/** The last lines of a step's log: what the attempt came to. */
record StepEnding(Transcript transcript) {

    /** A longer answer, such as the facts of a plan, is in the history. */
    private static final int LONGEST = 500;

    void done(@Nullable Object result) {
        if (!(result instanceof Outcome<?> known)) {
            String said = result == null ? "" : result.toString();
            transcript.say(said.isEmpty() || said.length() > LONGEST ? "done" : "done: " + said);
            return;
        }
        StepOutcome outcome = known.outcome();
        outcome.checks()
                .forEach(check -> transcript.say("check %s: %s; wanted %s, saw %s"
                        .formatted(check.verdict(), check.name(), check.expected(), check.observed())));
        outcome.findings()
                .forEach(finding -> transcript.say("finding (%s): %s".formatted(finding.severity(), finding.what())));
        outcome.leftBehind()
                .forEach(left -> transcript.say("left behind: %s in %s".formatted(left.what(), left.where())));
        transcript.say(outcome.detail().isEmpty() ? "done" : "done: " + outcome.detail());
    }

    void failed(RuntimeException problem) {
        if (problem instanceof ActivityCompletionException) {
            transcript.say("ended by Temporal or by the end of this worker; another attempt goes on");
        } else if (problem instanceof RecoveryFailure failure) {
            transcript.say("failed: %s: %s".formatted(failure.code(), failure.getMessage()));
            transcript.say("hint: " + failure.hint());
        } else {
            StringWriter trace = new StringWriter();
            problem.printStackTrace(new PrintWriter(trace));
            transcript.repeat("failed, which nobody expected", trace.toString());
        }
    }
}
