package dev.lifeboat.workflows.runbook;

import io.temporal.common.SearchAttributeKey;
import io.temporal.workflow.Workflow;
import java.util.List;

/** What the Temporal UI shows of a run: the step table, and search attributes where they are registered. */
public final class RunVisibility {

    public static final SearchAttributeKey<String> RUNBOOK = SearchAttributeKey.forKeyword("LifeboatRunbook");
    public static final SearchAttributeKey<String> TARGET = SearchAttributeKey.forKeyword("LifeboatTarget");
    public static final SearchAttributeKey<String> MODE = SearchAttributeKey.forKeyword("LifeboatMode");
    public static final SearchAttributeKey<String> STEP = SearchAttributeKey.forKeyword("LifeboatStep");
    public static final SearchAttributeKey<String> WAITING_FOR = SearchAttributeKey.forKeyword("LifeboatWaitingFor");
    public static final SearchAttributeKey<String> VERDICT = SearchAttributeKey.forKeyword("LifeboatVerdict");

    /** What the worker registers where it may. */
    public static final List<SearchAttributeKey<String>> ALL =
            List.of(RUNBOOK, TARGET, MODE, STEP, WAITING_FOR, VERDICT);

    private boolean registered;

    void started(String runbook, String run, String mode) {
        registered = Workflow.sideEffect(Boolean.class, SearchAttributesSwitch::isOn);
        if (registered) {
            String target = run.startsWith(runbook + "/") ? run.substring(runbook.length() + 1) : run;
            Workflow.upsertTypedSearchAttributes(
                    RUNBOOK.valueSet(runbook), TARGET.valueSet(target), MODE.valueSet(mode));
        }
    }

    void step(String step) {
        if (registered) {
            Workflow.upsertTypedSearchAttributes(STEP.valueSet(step), WAITING_FOR.valueUnset());
        }
    }

    void waitingFor(String kind) {
        if (registered) {
            Workflow.upsertTypedSearchAttributes(WAITING_FOR.valueSet(kind));
        }
    }

    void ended(int exitCode) {
        if (registered) {
            Workflow.upsertTypedSearchAttributes(
                    VERDICT.valueSet(exitCode == 0 ? "pass" : "exit " + exitCode), WAITING_FOR.valueUnset());
        }
    }

    void details(StepLog steps) {
        Workflow.setCurrentDetails(steps.markdown());
    }
}
