package dev.lifeboat.workflows.runbook.schedule;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What came of a start by a schedule. The run itself has its own report.
 *
 * @param started false when it was skipped
 * @param runId   of the run that was started; null when it was skipped
 * @param why     it was skipped; empty when it was started
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScheduledStart(String runbook, String run, boolean started, @Nullable String runId, String why) {}
