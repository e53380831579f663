package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest;
import io.temporal.api.workflowservice.v1.ListWorkflowExecutionsRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds runs: their names follow from the configuration, but for the port of a recovery beside. */
final class Runs {

    private static final Duration SEARCH = Duration.ofSeconds(2);
    private static final int MANY = 500;

    private final Tool tool;

    Runs(Tool tool) {
        this.tool = tool;
    }

    /** @throws CliFailure with 2 when Temporal knows no such run */
    RunHead known(RunRef run) {
        return tool.gateway().head(run).orElseThrow(() -> unknown(run));
    }

    static CliFailure unknown(RunRef run) {
        return new CliFailure(
                ExitCode.USAGE,
                "UNKNOWN_RUN",
                "there is no run " + run,
                "'lifeboat status' lists the open runs, 'lifeboat list' the last ones");
    }

    /** @throws CliFailure with 2 when it has ended */
    RunHead open(RunRef run) {
        RunHead head = known(run);
        if (!head.isOpen()) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "RUN_ENDED",
                    "the run " + run + " has ended already (" + head.statusWord() + ")",
                    "read its report with 'lifeboat report " + run + "'");
        }
        return head;
    }

    /** Every name that a run of this runbook can have by configuration alone. */
    List<String> names(Runbook runbook) {
        List<String> names = new ArrayList<>();
        for (String cluster : tool.config().postgres().keySet()) {
            if (runbook.workflow().equals(DumpRestoreWorkflow.TYPE)) {
                PostgresCluster configured = tool.config().postgres().get(cluster);
                DumpRestoreInputs.configured(configured)
                        .forEach(database -> names.add(DumpRestoreInputs.name(runbook, configured, database)));
                continue;
            }
            names.add(runbook.id() + "/" + cluster);
            if (runbook.workflow().equals(PitrRecoveryWorkflow.TYPE)) {
                names.add(runbook.id() + "/" + cluster + "/" + Placement.DRILL);
            }
        }
        return names;
    }

    List<RunHead> allOpen() {
        Map<String, RunHead> open = new LinkedHashMap<>();
        for (Runbook runbook : tool.catalog().all()) {
            for (String name : names(runbook)) {
                tool.gateway()
                        .head(new RunRef(name, null))
                        .filter(RunHead::isOpen)
                        .ifPresent(run -> open.put(name, run));
            }
        }
        beside().forEach(run -> open.putIfAbsent(run.name(), run));
        return List.copyOf(open.values());
    }

    /** Recoveries beside the live cluster, as far as Temporal can be searched. */
    private List<RunHead> beside() {
        List<WorkflowExecutionInfo> found = new ArrayList<>();
        try {
            found.addAll(search());
        } catch (StatusRuntimeException e) {
            // Temporal's in-memory server knows the older question only; a search that fails hides nothing else.
            try {
                found.addAll(searchOldWay());
            } catch (StatusRuntimeException alsoUnknown) {
                tool.say("lifeboat: Temporal cannot be searched; recoveries beside a live cluster are not listed");
            }
        }
        return found.stream()
                .filter(info -> info.getExecution().getWorkflowId().contains("/into-")
                        || info.getType().getName().equals(DumpRestoreWorkflow.TYPE))
                .filter(info -> info.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING)
                .map(info -> RunHeads.of(info, null))
                .toList();
    }

    private List<WorkflowExecutionInfo> search() {
        String types = tool.catalog().all().stream()
                .map(runbook -> "'" + runbook.workflow() + "'")
                .collect(Collectors.joining(", "));
        return tool.gateway()
                .call(SEARCH)
                .listWorkflowExecutions(ListWorkflowExecutionsRequest.newBuilder()
                        .setNamespace(tool.gateway().namespace())
                        .setPageSize(MANY)
                        .setQuery("ExecutionStatus = 'Running' AND WorkflowType IN (" + types + ")")
                        .build())
                .getExecutionsList();
    }

    private List<WorkflowExecutionInfo> searchOldWay() {
        return tool.gateway()
                .call(SEARCH)
                .listOpenWorkflowExecutions(ListOpenWorkflowExecutionsRequest.newBuilder()
                        .setNamespace(tool.gateway().namespace())
                        .setMaximumPageSize(MANY)
                        .build())
                .getExecutionsList();
    }
}
