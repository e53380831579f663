package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.util.Optional;

/** Carries a person's answer to a run. An answer that the run refuses leaves no trace in it. */
record Answers(Tool tool) {

    /**
     * {@code approve} or {@code reject}.
     *
     * @return how the run stands then; empty when it is still busy with the answer
     */
    Optional<RunStatus> gate(RunHead run, String answer, String step, String reason) {
        return send(run, answer, new GateAnswer(step, tool.surroundings().person(), reason));
    }

    /** {@code retry}, {@code skip} or {@code abort}. */
    Optional<RunStatus> decide(RunHead run, String answer, String reason) {
        return send(run, answer, new Decision(tool.surroundings().person(), reason));
    }

    private Optional<RunStatus> send(RunHead run, String name, Object argument) {
        return tool.gateway().update(run, name, argument, tool.surroundings().signOfLife());
    }
}
