package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The one question that is open, the answers that were given, and the time that people took for them. */
final class HumanDesk {

    private final List<Answer> answers = new ArrayList<>();
    private Duration waited = Duration.ZERO;
    private @Nullable WaitingFor open;
    private @Nullable Answer given;

    /** Blocks until somebody answers; a cancelled scope ends it as it ends any wait. */
    Answer ask(WaitingFor question) {
        open = question;
        given = null;
        try {
            Workflow.await(() -> given != null);
            return Objects.requireNonNull(given);
        } finally {
            open = null;
            waited = waited.plus(Duration.between(question.since(), now()));
        }
    }

    /** @throws RecoveryFailure NOT_WAITING when this gate is not the open question */
    void mayAnswerGate(GateAnswer answer, String decision, String at) {
        WaitingFor question = open;
        if (question == null
                || !question.answers().contains(decision)
                || !question.step().equals(answer.step())) {
            throw new RecoveryFailure(
                    FailureCode.NOT_WAITING,
                    "cannot %s %s: the run is at step %s; %s"
                            .formatted(decision, answer.step(), at, waitingFor(question)),
                    "follow it with 'lifeboat status'");
        }
    }

    /** @throws RecoveryFailure NOT_WAITING, or SKIP_NOT_ALLOWED, when that is no answer to the open question */
    void mayDecide(String decision, String at) {
        WaitingFor question = open;
        if (question == null || !question.answers().contains("retry")) {
            throw new RecoveryFailure(
                    FailureCode.NOT_WAITING,
                    "cannot %s: the run is at step %s; %s".formatted(decision, at, waitingFor(question)),
                    "follow it with 'lifeboat status'");
        }
        if (!question.answers().contains(decision)) {
            throw new RecoveryFailure(
                    FailureCode.SKIP_NOT_ALLOWED,
                    "cannot %s step %s: the recovery needs what it does".formatted(decision, question.step()),
                    "answer with one of: " + String.join(", ", question.answers()));
        }
    }

    void answerGate(GateAnswer answer, String decision) {
        give(decision, answer.who(), answer.reason());
    }

    void decide(Decision by, String decision) {
        give(decision, by.who(), by.reason());
    }

    /** The open question is closed at once, so that a second answer is refused. */
    private void give(String decision, String who, String reason) {
        WaitingFor question = Objects.requireNonNull(open);
        Answer answer = new Answer(decision, question.step(), who, reason, now(), question.planDigest());
        answers.add(answer);
        given = answer;
        open = null;
    }

    private static String waitingFor(@Nullable WaitingFor question) {
        return question == null
                ? "nobody is asked anything"
                : "what is asked is %s at %s".formatted(question.kind(), question.step());
    }

    /** Keeps an answer that nobody was asked for at this moment: an abort, or {@code --yes}. */
    void note(Answer answer) {
        answers.add(answer);
    }

    @Nullable WaitingFor open() {
        return open;
    }

    List<Answer> answers() {
        return List.copyOf(answers);
    }

    /** Waiting that goes on still is counted up to now. */
    Duration waited() {
        WaitingFor question = open;
        return question == null ? waited : waited.plus(Duration.between(question.since(), now()));
    }

    static Instant now() {
        return Instant.ofEpochMilli(Workflow.currentTimeMillis());
    }
}
