package dev.lifeboat.workflows.runbook.schedule;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A run as the operator's tool would start it; kept in Temporal's schedule.
 *
 * @param runbook  its id in the catalogue
 * @param workflow its workflow type
 * @param run      the name of the run, which is its workflow id and so its lock
 * @param summary  what Temporal's user interface shows beside it
 * @param input    what the workflow takes
 */
public record ScheduledRunInput(String runbook, String workflow, String run, String summary, JsonNode input) {}
