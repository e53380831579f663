package dev.lifeboat.workflows.runbook.dailydump;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.runbook.RunRequest;
import org.jspecify.annotations.Nullable;

/** @param database the only one to dump; null for all of the cluster */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DailyDumpInput(RunRequest request, String cluster, @Nullable String database) {}
